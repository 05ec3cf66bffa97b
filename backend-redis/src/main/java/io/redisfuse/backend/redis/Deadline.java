package io.redisfuse.backend.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The moment by which a call must have ended, on the clock of {@link System#nanoTime}. */
record Deadline(long nanoTime) {

  static Deadline after(Duration limit) {
    return new Deadline(System.nanoTime() + limit.toNanos());
  }

  boolean hasPassed() {
    return System.nanoTime() - nanoTime >= 0;
  }

  /** What is left, at least a millisecond: for timeouts, where zero means for ever. */
  int millisLeft() {
    long left = TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime());
    return (int) Math.max(1, Math.min(left, Integer.MAX_VALUE));
  }

  /** What is left, at least nothing. */
  long nanosLeft() {
    return Math.max(0, nanoTime - System.nanoTime());
  }

  /** What is left, at least a millisecond. */
  Duration left() {
    return Duration.ofMillis(millisLeft());
  }

  /** Half of what is left: for a step that must leave time to do something about its failure. */
  Deadline half() {
    return new Deadline(nanoTime - nanosLeft() / 2);
  }

  /** The earlier of the two. */
  Deadline orAfter(Duration limit) {
    Deadline other = after(limit);
    return other.nanoTime - nanoTime < 0 ? other : this;
  }

  /** So much later. */
  Deadline later(Duration allowance) {
    return new Deadline(nanoTime + allowance.toNanos());
  }
}
