package io.redisfuse.frontend.files.locks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Circles of those who wait for each other in one mount, over all its cells. */
final class LocalCircles {

  private final Collection<CellLocks> cells;

  /**
   * @param cells all that are locked now; safe for threads
   */
  LocalCircles(Collection<CellLocks> cells) {
    this.cells = cells;
  }

  /**
   * Has those who would wait for themselves for ever wait no more: of a circle who came last to the
   * cell. One at a time, so that a circle is broken once.
   *
   * @return those who are to be told
   */
  synchronized List<Waiter> refuse(CellLocks changed) {
    List<Waiter> refused = new ArrayList<>();
    List<Waiter> waiters = changed.waiters();
    for (int i = waiters.size() - 1; i >= 0; i--) {
      Waiter waiter = waiters.get(i);
      if (waiter.wanted().kind() == LockKind.RECORD
          && waitsForItself(changed, waiter)
          && waiter.claim()) {
        changed.remove(waiter);
        refused.add(waiter);
      }
    }
    return refused;
  }

  /** Whether those whom somebody waits for wait, directly or not, for him. */
  private boolean waitsForItself(CellLocks cell, Waiter waiter) {
    long self = waiter.wanted().owner();
    Set<Long> seen = new HashSet<>();
    List<Long> next = new ArrayList<>(cell.held().ownersInTheWay(waiter.wanted()));
    while (!next.isEmpty()) {
      long owner = next.remove(next.size() - 1);
      if (owner == self) {
        return true;
      }
      if (seen.add(owner)) {
        next.addAll(ownersInTheWayOf(owner));
      }
    }
    return false;
  }

  private List<Long> ownersInTheWayOf(long owner) {
    List<Long> owners = new ArrayList<>();
    for (CellLocks cell : cells) {
      for (Waiter waiter : cell.waiters()) {
        if (waiter.wanted().isOf(LockKind.RECORD, owner)) {
          owners.addAll(cell.held().ownersInTheWay(waiter.wanted()));
        }
      }
    }
    return owners;
  }
}
