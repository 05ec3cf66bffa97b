package io.redisfuse.it.bench.live;

import java.util.Arrays;

/** How long one kind of operation took, many times. Not safe for threads. */
final class Latencies {

  private static final int FIRST_ROOM = 1 << 12;

  private long[] nanos = new long[FIRST_ROOM];
  private int count;

  void add(long taken) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count] = taken;
    count++;
  }

  int count() {
    return count;
  }

  /**
   * The smallest that is not below {@code share} of all, in microseconds; NaN if there are none.
   */
  double microsAt(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[Math.min(count - 1, (int) (share * count))] / 1e3;
  }
}
