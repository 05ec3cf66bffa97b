package io.redisfuse.frontend.files.locks;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The locks of one mount: they hold among the processes that use it, and are forgotten with it.
 *
 * <p>One lock guards all that is changed here; answers are given without it. That a file has no
 * locks is seen without it, too, since that is looked for at every close.
 */
public final class LocalLocks implements FileLocks {

  private final Object lock = new Object();

  /** Files with locks; written with {@link #lock} held. */
  private final Map<Long, NodeLocks> byNode = new ConcurrentHashMap<>();

  /** All who wait; guarded by {@link #lock}. */
  private final IdentityHashMap<LockAnswer, NodeLocks.Waiter> waiting = new IdentityHashMap<>();

  @Override
  public Optional<Lock> obstacle(long node, Lock wanted) {
    synchronized (lock) {
      return Optional.ofNullable(byNode.get(node)).flatMap(locks -> locks.obstacle(wanted));
    }
  }

  @Override
  public boolean take(long node, Lock wanted) {
    List<Runnable> answers = new ArrayList<>();
    boolean taken;
    synchronized (lock) {
      NodeLocks locks = byNode.computeIfAbsent(node, n -> new NodeLocks());
      taken = locks.obstacle(wanted).isEmpty();
      if (taken) {
        locks.take(wanted);
        // It may be weaker than what the owner had.
        changed(node, locks, answers);
      }
    }
    answers.forEach(Runnable::run);
    return taken;
  }

  @Override
  public void await(long node, Lock wanted, LockAnswer answer) {
    List<Runnable> answers = new ArrayList<>();
    synchronized (lock) {
      NodeLocks locks = byNode.computeIfAbsent(node, n -> new NodeLocks());
      if (locks.obstacle(wanted).isPresent() && wanted.kind() == LockKind.WHOLE) {
        locks.remove(wanted.kind(), wanted.owner(), wanted.range());
      }
      // One that can have it is served with those who waited before.
      NodeLocks.Waiter waiter = new NodeLocks.Waiter(node, wanted, answer);
      locks.add(waiter);
      waiting.put(answer, waiter);
      changed(node, locks, answers);
    }
    answers.forEach(Runnable::run);
  }

  @Override
  public void cancel(LockAnswer given) {
    synchronized (lock) {
      NodeLocks.Waiter waiter = waiting.remove(given);
      if (waiter == null) {
        return;
      }
      NodeLocks locks = byNode.get(waiter.node());
      locks.remove(waiter);
      forgetUnused(waiter.node(), locks);
    }
    given.refused(LockRefusal.CANCELLED);
  }

  @Override
  public LockCount count() {
    synchronized (lock) {
      int held = byNode.values().stream().mapToInt(NodeLocks::held).sum();
      return new LockCount(held, waiting.size());
    }
  }

  @Override
  public void giveBack(long node, LockKind kind, long owner, LockRange range) {
    changeHeld(node, locks -> locks.remove(kind, owner, range));
  }

  @Override
  public void released(long node, long handle) {
    changeHeld(node, locks -> locks.removeIf(held -> held.handle() == handle));
  }

  private void changeHeld(long node, Consumer<NodeLocks> change) {
    if (!areUsed(node)) {
      return;
    }
    List<Runnable> answers = new ArrayList<>();
    synchronized (lock) {
      NodeLocks locks = byNode.get(node);
      if (locks != null) {
        change.accept(locks);
        changed(node, locks, answers);
      }
    }
    answers.forEach(Runnable::run);
  }

  @Override
  public boolean areUsed(long node) {
    return !byNode.isEmpty() && byNode.containsKey(node);
  }

  @Override
  public void close() {}

  /** Others may have their locks now, or see that they never will. */
  private void changed(long node, NodeLocks locks, List<Runnable> answers) {
    for (NodeLocks.Waiter served : locks.serve()) {
      waiting.remove(served.answer());
      answers.add(served.answer()::granted);
    }
    // Who came last closed the circle.
    List<NodeLocks.Waiter> left = locks.waiters();
    for (int i = left.size() - 1; i >= 0; i--) {
      NodeLocks.Waiter waiter = left.get(i);
      if (waiter.wanted().kind() == LockKind.RECORD && waitsForItself(waiter)) {
        locks.remove(waiter);
        waiting.remove(waiter.answer());
        answers.add(() -> waiter.answer().refused(LockRefusal.DEADLOCK));
      }
    }
    forgetUnused(node, locks);
  }

  private void forgetUnused(long node, NodeLocks locks) {
    if (locks.isUnused()) {
      byNode.remove(node);
    }
  }

  /** Whether those whom somebody waits for wait, directly or not, for him. */
  private boolean waitsForItself(NodeLocks.Waiter waiter) {
    Set<Long> seen = new HashSet<>();
    List<Long> next = new ArrayList<>(ownersInTheWay(waiter));
    while (!next.isEmpty()) {
      long owner = next.remove(next.size() - 1);
      if (owner == waiter.wanted().owner()) {
        return true;
      }
      if (seen.add(owner)) {
        for (NodeLocks.Waiter other : waiting.values()) {
          if (other.wanted().isOf(LockKind.RECORD, owner)) {
            next.addAll(ownersInTheWay(other));
          }
        }
      }
    }
    return false;
  }

  private List<Long> ownersInTheWay(NodeLocks.Waiter waiter) {
    return byNode.get(waiter.node()).ownersInTheWay(waiter.wanted());
  }
}
