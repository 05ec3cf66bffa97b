package io.redisfuse.frontend.files;

/** How a program's save of a text ended, be it by a flush, an fsync or a rename. */
public enum SaveResult {
  /** The store has the text. */
  SAVED,
  /** Somebody else had written: nothing was overwritten, and the program was told. */
  CONFLICT,
  /** Nobody knows whether the store has it, and the program was told just that. */
  UNKNOWN,
  /** It could not be done: the store did not answer, or refused. */
  FAILED
}
