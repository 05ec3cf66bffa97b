package io.redisfuse.frontend.files;

/** What becomes of a file that has the new name of one that is renamed. */
enum Replacement {
  /** It is replaced, as {@code rename(2)} says. */
  ALLOWED,

  /** The rename fails with {@link FsError#EXISTS}, also if others make it just then. */
  REFUSED
}
