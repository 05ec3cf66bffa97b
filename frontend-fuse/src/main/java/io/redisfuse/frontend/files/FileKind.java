package io.redisfuse.frontend.files;

/** What a node is to the kernel. */
public enum FileKind {
  DIRECTORY,
  FILE,
  SYMLINK
}
