package io.redisfuse.frontend.files.locks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Locks of one file that are held: none of them excludes another. */
record HeldLocks(List<Lock> locks) {

  static final HeldLocks NONE = new HeldLocks(List.of());

  HeldLocks {
    locks = List.copyOf(locks);
  }

  boolean isEmpty() {
    return locks.isEmpty();
  }

  Optional<Lock> obstacle(Lock wanted) {
    return locks.stream().filter(lock -> lock.excludes(wanted)).findFirst();
  }

  /** All owners of locks that are in the way. */
  List<Long> ownersInTheWay(Lock wanted) {
    return locks.stream()
        .filter(lock -> lock.excludes(wanted))
        .map(Lock::owner)
        .distinct()
        .toList();
  }

  /** With one more, which nothing is in the way of, in the place of what its owner had there. */
  HeldLocks with(Lock wanted) {
    List<Lock> held = new ArrayList<>(without(wanted.kind(), wanted.owner(), wanted.range()).locks);
    Lock joined = wanted;
    for (Lock lock : List.copyOf(held)) {
      if (lock.isLike(joined) && lock.range().touches(joined.range())) {
        held.remove(lock);
        joined = joined.withRange(joined.range().joined(lock.range()));
      }
    }
    held.add(joined);
    return new HeldLocks(held);
  }

  /** Without what an owner has of a kind in a range; of a lock that reaches further parts stay. */
  HeldLocks without(LockKind kind, long owner, LockRange range) {
    List<Lock> held = new ArrayList<>();
    for (Lock lock : locks) {
      if (lock.isOf(kind, owner) && lock.range().overlaps(range)) {
        lock.range().without(range).forEach(left -> held.add(lock.withRange(left)));
      } else {
        held.add(lock);
      }
    }
    return new HeldLocks(held);
  }

  HeldLocks without(Predicate<Lock> gone) {
    return new HeldLocks(locks.stream().filter(gone.negate()).toList());
  }
}
