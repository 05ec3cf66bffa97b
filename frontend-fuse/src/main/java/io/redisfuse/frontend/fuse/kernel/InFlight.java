package io.redisfuse.frontend.fuse.kernel;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which nodes requests are served about, or were a moment ago. While one is, the kernel may hold
 * the node's lock for it, and lets whoever needs that wait, without that a signal could end the
 * wait.
 *
 * <p>Nodes share counters, so that one may seem to be busy that is not. Safe for threads.
 */
final class InFlight {

  private static final int COUNTERS = 1 << 12;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);

  /** When the last one ended, in terms of {@link System#nanoTime}. */
  private final AtomicLongArray ends = new AtomicLongArray(COUNTERS);

  void begin(long node) {
    counters.incrementAndGet(counterOf(node));
  }

  void end(long node) {
    ends.setRelease(counterOf(node), System.nanoTime());
    counters.decrementAndGet(counterOf(node));
  }

  /** Whether no request about the node is being served, nor was for so long. */
  boolean isQuiet(long node, long nanos) {
    int counter = counterOf(node);
    return counters.get(counter) == 0 && System.nanoTime() - ends.getAcquire(counter) > nanos;
  }

  private static int counterOf(long node) {
    return (int) node & (COUNTERS - 1);
  }
}
