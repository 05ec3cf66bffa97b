package io.redisfuse.frontend.files.locks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The locks of one file that are held, and who waits, in order.
 *
 * <p>Not safe for threads: guarded by {@link LocalLocks}.
 */
final class NodeLocks {

  /** Who waits for what. */
  record Waiter(long node, Lock wanted, LockAnswer answer) {}

  private final List<Waiter> waiters = new ArrayList<>();
  private HeldLocks held = HeldLocks.NONE;

  boolean isUnused() {
    return held.isEmpty() && waiters.isEmpty();
  }

  /** How many are held. */
  int held() {
    return held.locks().size();
  }

  Optional<Lock> obstacle(Lock wanted) {
    return held.obstacle(wanted);
  }

  /** All owners of locks that are in the way. */
  List<Long> ownersInTheWay(Lock wanted) {
    return held.ownersInTheWay(wanted);
  }

  /** Takes a lock, which nothing is in the way of. */
  void take(Lock wanted) {
    held = held.with(wanted);
  }

  void remove(LockKind kind, long owner, LockRange range) {
    held = held.without(kind, owner, range);
  }

  void removeIf(Predicate<Lock> gone) {
    held = held.without(gone);
  }

  void add(Waiter waiter) {
    waiters.add(waiter);
  }

  void remove(Waiter waiter) {
    waiters.remove(waiter);
  }

  List<Waiter> waiters() {
    return List.copyOf(waiters);
  }

  /** Who waits and can have his lock now, has it; returns them. */
  List<Waiter> serve() {
    List<Waiter> served = new ArrayList<>();
    boolean again = true;
    while (again) {
      again = false;
      for (Waiter waiter : waiters()) {
        if (obstacle(waiter.wanted()).isEmpty()) {
          take(waiter.wanted());
          waiters.remove(waiter);
          served.add(waiter);
          // Who gets a weaker lock than he had makes room for those before him.
          again = true;
        }
      }
    }
    return served;
  }
}
