package io.redisfuse.frontend.fuse.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which nodes requests are served about, and when there last was one of whatever node. While one is
 * served, the kernel may hold its node's lock for it, and lets whoever needs that wait, without
 * that a signal could end the wait.
 *
 * <p>Nodes share counters, so that one may seem to be busy that is not. Safe for threads.
 */
final class InFlight {

  private static final int COUNTERS = 1 << 12;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);
  private final AtomicInteger all = new AtomicInteger();

  /** When the last one ended, in terms of {@link System#nanoTime}. */
  private volatile long end = System.nanoTime();

  void begin(long node) {
    all.incrementAndGet();
    counters.incrementAndGet(counterOf(node));
  }

  void end(long node) {
    end = System.nanoTime();
    counters.decrementAndGet(counterOf(node));
    all.decrementAndGet();
  }

  /** Whether a request about the node is being served. */
  boolean isBusy(long node) {
    return counters.get(counterOf(node)) > 0;
  }

  /** Whether no request is being served, nor was for so long. */
  boolean isQuiet(long nanos) {
    return all.get() == 0 && System.nanoTime() - end > nanos;
  }

  private static int counterOf(long node) {
    return (int) node & (COUNTERS - 1);
  }
}
