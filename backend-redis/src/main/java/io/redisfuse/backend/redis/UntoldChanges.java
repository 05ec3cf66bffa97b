package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What a feed has heard and its listener has not been told: each key once, however often it was
 * heard of, and no more keys than a bound. Beyond it all that waits becomes one reset.
 *
 * <p>What was heard is taken out afterwards, be it as a reset: one that waits stands for the keys
 * that were heard before it. Keys heard after it come after it.
 *
 * <p>Safe for threads: who hears never waits for who tells.
 */
final class UntoldChanges {

  private static final int MOST_KEYS = 100_000;
  private static final long MOST_BYTES = 16L * 1024 * 1024;

  /** So many keys are taken out at once: few, since what was taken out cannot be coalesced. */
  private static final int HANDFUL = 1_000;

  private final int mostKeys;
  private final long mostBytes;
  private final LongSupplier clock;

  /** Guards all fields below; held only to move keys in and out. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition something = lock.newCondition();
  private final Condition progress = lock.newCondition();

  /** When each was first heard of, the longest known first. */
  private final Map<Bytes, Long> keys = new LinkedHashMap<>();

  private long bytes;
  private boolean reset;

  /** When the first of what became a reset was heard of. */
  private long resetHeard;

  private boolean lost;
  private boolean ended;

  /** How often something that did not wait yet was put in, keys and resets together. */
  private long put;

  /** Up to which of these were taken out. */
  private long takenOut;

  /** Up to which of these the listener was told. */
  private long told;

  UntoldChanges() {
    this(MOST_KEYS, MOST_BYTES, System::nanoTime);
  }

  /**
   * @param mostKeys how many different keys may wait
   * @param mostBytes how long they may be together
   * @param clock as {@link System#nanoTime}
   */
  UntoldChanges(int mostKeys, long mostBytes, LongSupplier clock) {
    this.clock = clock;
    this.mostKeys = mostKeys;
    this.mostBytes = mostBytes;
  }

  /** These keys may have changed. */
  void changed(Collection<Bytes> heard) {
    long now = clock.getAsLong();
    lock.lock();
    try {
      heard.forEach(key -> add(key, now));
      something.signal();
    } finally {
      lock.unlock();
    }
  }

  private void add(Bytes key, long now) {
    if (keys.putIfAbsent(key, now) == null) {
      put++;
      bytes += key.length();
      if (keys.size() > mostKeys || bytes > mostBytes) {
        becomeReset();
      }
    }
  }

  /** Anything may have changed; what changes from now on is heard. */
  void reset() {
    reset(/* nowLost= */ false);
  }

  /** Anything may have changed, and what changes from now on is not heard, until the next reset. */
  void lost() {
    reset(/* nowLost= */ true);
  }

  private void reset(boolean nowLost) {
    lock.lock();
    try {
      lost = nowLost;
      becomeReset();
      something.signal();
    } finally {
      lock.unlock();
    }
  }

  private void becomeReset() {
    put++;
    if (!reset) {
      resetHeard = keys.isEmpty() ? clock.getAsLong() : keys.values().iterator().next();
    }
    keys.clear();
    bytes = 0;
    reset = true;
  }

  /** Whether what changes now is not heard. */
  boolean isLost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing will be told any more: who takes, or waits to, gets nothing. */
  void end() {
    lock.lock();
    try {
      ended = true;
      something.signalAll();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes out what is to be told next, the longest known first; waits until there is something.
   *
   * @return empty after {@link #end}
   */
  Optional<Handful> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!ended && !reset && keys.isEmpty()) {
        something.await();
      }
      return ended ? Optional.empty() : Optional.of(handful());
    } finally {
      lock.unlock();
    }
  }

  private Handful handful() {
    List<Bytes> taken = new ArrayList<>(Math.min(keys.size(), HANDFUL));
    Iterator<Map.Entry<Bytes, Long>> waiting = keys.entrySet().iterator();
    long heard = resetHeard;
    while (waiting.hasNext() && taken.size() < HANDFUL) {
      Map.Entry<Bytes, Long> next = waiting.next();
      if (taken.isEmpty() && !reset) {
        heard = next.getValue();
      }
      taken.add(next.getKey());
      bytes -= next.getKey().length();
      waiting.remove();
    }
    // What is left was put in last.
    takenOut = put - keys.size();
    Handful handful = new Handful(reset, taken, heard);
    reset = false;
    return handful;
  }

  /** The listener was told of what was taken out last. */
  void told() {
    lock.lock();
    try {
      told = takenOut;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the listener was told of all that waits now.
   *
   * @return whether it was; not so by the deadline, or after {@link #end}
   */
  boolean awaitTold(Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long all = put;
      while (told < all) {
        long nanos = deadline.nanosLeft();
        if (ended || nanos <= 0) {
          return false;
        }
        progress.awaitNanos(nanos);
      }
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is told next.
   *
   * @param reset whether a reset comes first
   * @param keys the keys to tell after it
   * @param heard when the first of all that was heard of, as {@link System#nanoTime} says
   */
  record Handful(boolean reset, List<Bytes> keys, long heard) {}
}
