package io.redisfuse.it.bench;

/** What was done in one go, how long it took, and what the process behind it used. */
record Sample(long operations, long nanos, Usage usage) {

  Sample {
    if (operations <= 0 || nanos <= 0) {
      throw new IllegalArgumentException(operations + " operations in " + nanos + " ns");
    }
  }

  double nanosPerOperation() {
    return (double) nanos / operations;
  }
}
