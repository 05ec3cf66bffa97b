package io.redisfuse.it.bench;

/** How a speed is shown, and what one operation is. */
enum Unit {
  CALLS("/s", "call"),
  MEBIBYTES("MiB/s", "MiB"),
  /** A run over {@link Sizes#LISTED_FILES}. */
  LISTINGS("ms", "file"),
  /** A run over {@link Sizes#TREE_FILES}. */
  TREES("ms", "file");

  private final String label;
  private final String operation;

  Unit(String label, String operation) {
    this.label = label;
    this.operation = operation;
  }

  String label() {
    return label;
  }

  String operation() {
    return operation;
  }

  String shown(double nanosPerOperation) {
    return switch (this) {
      case CALLS, MEBIBYTES -> String.format("%,.0f", 1e9 / nanosPerOperation);
      case LISTINGS -> milliseconds(nanosPerOperation * Sizes.LISTED_FILES);
      case TREES -> milliseconds(nanosPerOperation * Sizes.TREE_FILES);
    };
  }

  private static String milliseconds(double nanos) {
    return String.format(nanos < 1e8 ? "%,.1f" : "%,.0f", nanos / 1e6);
  }
}
