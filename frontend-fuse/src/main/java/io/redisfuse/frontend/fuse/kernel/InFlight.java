package io.redisfuse.frontend.fuse.kernel;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which nodes requests are being served about. While one is, the kernel may hold the node's lock
 * for it, and lets whoever needs that wait, without that a signal could end the wait.
 *
 * <p>Nodes share counters, so that one may seem to be busy that is not. Safe for threads.
 */
final class InFlight {

  private static final int COUNTERS = 1 << 12;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);

  void begin(long node) {
    counters.incrementAndGet(counterOf(node));
  }

  void end(long node) {
    counters.decrementAndGet(counterOf(node));
  }

  /** Whether a request about the node is being served. */
  boolean isBusy(long node) {
    return counters.get(counterOf(node)) > 0;
  }

  private static int counterOf(long node) {
    return (int) node & (COUNTERS - 1);
  }
}
