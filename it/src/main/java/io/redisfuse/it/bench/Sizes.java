package io.redisfuse.it.bench;

/** How much is read, written and listed. */
final class Sizes {

  static final int SMALL_FILES = 4_000;
  static final int SMALL_BYTES = 100;
  static final int SAVED_FILES = 200;
  static final int LISTED_FILES = 10_000;
  static final int TREE_DIRECTORIES = 50;
  static final int TREE_FILES = 5_000;
  static final int LARGE_MIB = 256;
  static final int MIB = 1 << 20;

  private Sizes() {}
}
