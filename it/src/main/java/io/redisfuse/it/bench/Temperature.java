package io.redisfuse.it.bench;

/** What the kernel knows before something is measured. */
enum Temperature {
  /** Names, attributes and contents were looked at just before. */
  WARM("warm"),
  /** The kernel has dropped names, attributes and contents of everything. */
  COLD("cold");

  private final String word;

  Temperature(String word) {
    this.word = word;
  }

  @Override
  public String toString() {
    return word;
  }
}
