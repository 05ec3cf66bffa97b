package io.redisfuse.frontend.files.locks;

import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of a file, whether they exist or not.
 *
 * @param last the last of them; {@link Long#MAX_VALUE}: all that may ever follow
 */
public record LockRange(long first, long last) {

  /** The whole file. */
  public static final LockRange ALL = new LockRange(0, Long.MAX_VALUE);

  public LockRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("bytes " + first + " to " + last);
    }
  }

  boolean overlaps(LockRange other) {
    return first <= other.last && other.first <= last;
  }

  /** Whether the two are one range, taken together. */
  boolean touches(LockRange other) {
    return overlaps(other)
        || (last != Long.MAX_VALUE && last + 1 == other.first)
        || (other.last != Long.MAX_VALUE && other.last + 1 == first);
  }

  LockRange joined(LockRange other) {
    return new LockRange(Math.min(first, other.first), Math.max(last, other.last));
  }

  /** What is left without another range: two parts at most. */
  List<LockRange> without(LockRange other) {
    if (!overlaps(other)) {
      return List.of(this);
    }
    List<LockRange> left = new ArrayList<>();
    if (first < other.first) {
      left.add(new LockRange(first, other.first - 1));
    }
    if (other.last < last) {
      left.add(new LockRange(other.last + 1, last));
    }
    return left;
  }
}
