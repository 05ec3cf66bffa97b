package io.redisfuse.frontend.files;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A lock that many take shared all the time, and few exclusively: who takes it shared takes one of
 * several, so that threads are not in each other's way, and who takes it exclusively takes all, in
 * order. Reentrant as those are; one thread does not take it exclusively while it has it shared.
 */
final class StripedNamesLock {

  private static final int STRIPES = 16;

  private final List<ReadWriteLock> stripes = new ArrayList<>();

  StripedNamesLock() {
    for (int i = 0; i < STRIPES; i++) {
      stripes.add(new ReentrantReadWriteLock());
    }
  }

  /** What this thread locks to share it; the same each time. */
  Lock shared() {
    return stripes.get((int) (Thread.currentThread().getId() % STRIPES)).readLock();
  }

  void lockExclusively() {
    stripes.forEach(stripe -> stripe.writeLock().lock());
  }

  void unlockExclusively() {
    for (int i = STRIPES - 1; i >= 0; i--) {
      stripes.get(i).writeLock().unlock();
    }
  }
}
