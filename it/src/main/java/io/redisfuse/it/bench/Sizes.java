package io.redisfuse.it.bench;

/** How much is read, written and listed. */
final class Sizes {

  static final int SMALL_FILES = 2_000;
  static final int SMALL_BYTES = 100;
  static final int LISTED_FILES = 10_000;
  static final int LARGE_MIB = 256;
  static final int MIB = 1 << 20;

  private Sizes() {}
}
