package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The reserved keys {@code .redisfuse:commit:…}, by which a commit finds out whether it was applied
 * when its answer was lost: what it changes and the number in its mark are changed together. What
 * the keys hold would not tell, since others may have written the same.
 *
 * <p>There is one key for each commit that is on its way at the same time, and cluster slot. It is
 * never one of two commits' at once; and after a commit of which nobody knows whether it can still
 * happen, never again.
 *
 * <p>Safe for threads.
 */
final class Marks {

  /** What all of them begin with. */
  static final Bytes ALL = Bytes.utf8(".redisfuse:commit:");

  /** Tells these from everybody else's. */
  private final String whose = UUID.randomUUID().toString();

  private final AtomicLong numbers = new AtomicLong();

  /** Those that are nobody's now; guarded by itself, like the next. */
  private final Deque<Integer> free = new ArrayDeque<>();

  private int made;
  private volatile boolean permitted = true;

  /**
   * A mark.
   *
   * @param place which of the keys it is in
   * @param number what the key holds from the moment when the commit is applied, and never before
   */
  record Mark(int place, Bytes key, Bytes number) {}

  /** Whether the user may write them, as far as known. */
  boolean permitted() {
    return permitted;
  }

  /** He may not. */
  void forbidden() {
    permitted = false;
  }

  /** A mark for a commit to be applied once. It is given back, unless that may still happen. */
  Mark take(Optional<Integer> slot) {
    int place;
    synchronized (free) {
      place = free.isEmpty() ? made++ : free.pop();
    }
    String tag = slot.map(of -> "{" + Slot.number(of) + "}:").orElse("");
    return new Mark(
        place,
        ALL.concat(Bytes.utf8(tag + whose + ":" + place)),
        Bytes.utf8(Long.toString(numbers.incrementAndGet())));
  }

  void giveBack(Mark mark) {
    synchronized (free) {
      free.push(mark.place());
    }
  }
}
