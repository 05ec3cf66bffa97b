package io.redisfuse.frontend.fuse.kernel;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The nodes of which the kernel has let go of something a moment ago, or is about to. Safe for
 * threads.
 */
final class RecentNodes {

  /** No reply is under way for so long that says what was so before. */
  private static final long MOMENT_NANOS = Duration.ofSeconds(1).toNanos();

  private static final int MANY = 10_000;

  /** And when, in terms of {@link System#nanoTime}. */
  private final Map<Long, Long> times = new ConcurrentHashMap<>();

  private volatile long pruned = System.nanoTime();

  void note(long node) {
    long now = System.nanoTime();
    times.put(node, now);
    if (times.size() > MANY && now - pruned > MOMENT_NANOS) {
      pruned = now;
      times.values().removeIf(time -> now - time > MOMENT_NANOS);
    }
  }

  /** Whether it is none of them. */
  boolean isSettled(long node) {
    Long time = times.get(node);
    if (time == null) {
      return true;
    }
    if (System.nanoTime() - time <= MOMENT_NANOS) {
      return false;
    }
    times.remove(node, time);
    return true;
  }
}
