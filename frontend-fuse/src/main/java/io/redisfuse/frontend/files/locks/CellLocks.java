package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks of one cell in this mount: who holds some, as far as other mounts let them, and who
 * waits.
 *
 * <p>What others are told of a lock is never less than what is held here: a lock is held when the
 * store knows it, and given back here before it is there. So to give back never fails; if the store
 * cannot be told, that is tried again, until the lease has run out.
 *
 * <p>Safe for threads. Who changes something is alone with the store meanwhile; to look, to give up
 * waiting and to ask for a {@link #fence} waits for nobody.
 */
final class CellLocks {

  private static final Logger log = LoggerFactory.getLogger(CellLocks.class);

  private final Cell cell;
  private final CellLease lease;

  /** Held to change what follows, and while the store is asked. No file is locked meanwhile. */
  private final Object changing = new Object();

  /** In the order of arrival. */
  private final List<Waiter> waiters = new CopyOnWriteArrayList<>();

  private volatile HeldLocks held = HeldLocks.NONE;

  /** What was lost, of whose holders nobody was told. */
  private volatile HeldLocks lost = HeldLocks.NONE;

  /** How often what is held has changed, and how often all of it was lost. */
  private final AtomicLong changes = new AtomicLong();

  private long losses;

  /** Whether the store must still be told what was given back. */
  private volatile boolean owes;

  CellLocks(Cell cell, CellLease lease) {
    this.cell = cell;
    this.lease = lease;
  }

  Cell cell() {
    return cell;
  }

  boolean isUnused() {
    return held.isEmpty() && lost.isEmpty() && waiters.isEmpty() && !owes;
  }

  HeldLocks held() {
    return held;
  }

  List<Waiter> waiters() {
    return List.copyOf(waiters);
  }

  /** Who waits for records, as other mounts are to see it. */
  List<Waits.Line> waits() {
    return waiters.stream()
        .filter(waiter -> waiter.wanted().kind() == LockKind.RECORD)
        .map(waiter -> new Waits.Line(waiter.number(), waiter.wanted(), lease.table()))
        .toList();
  }

  /** Whether a key says something about who has locked the cell. */
  boolean isTold(Bytes key) {
    return lease.isAbout(key);
  }

  /** A lock of somebody else, here or in another mount. */
  Optional<Lock> obstacle(Lock wanted) {
    synchronized (changing) {
      return held.obstacle(wanted).or(() -> lease.obstacle(wanted).map(lease::shown));
    }
  }

  boolean take(Lock wanted) {
    synchronized (changing) {
      return held.obstacle(wanted).isEmpty() && takeAmongMounts(wanted);
    }
  }

  private boolean takeAmongMounts(Lock wanted) {
    if (held.locks().contains(wanted)) {
      return true;
    }
    HeldLocks next = held.with(wanted);
    Optional<LockTable.Line> obstacle;
    try {
      obstacle = lease.take(wanted, next.locks());
    } catch (ConflictException e) {
      lose();
      next = held.with(wanted);
      obstacle = lease.take(wanted, next.locks());
    }
    if (obstacle.isPresent()) {
      return false;
    }
    hold(next);
    owes = false;
    return true;
  }

  private void hold(HeldLocks next) {
    held = next;
    changes.incrementAndGet();
  }

  /** Somebody waits from now on; to be {@linkplain #serve served} when that is possible. */
  void add(Waiter waiter) {
    waiters.add(waiter);
  }

  /** Who waits to change the type of a lock of the whole file does not hold it meanwhile. */
  void letGoToChange(Waiter waiter) {
    Lock wanted = waiter.wanted();
    if (wanted.kind() != LockKind.WHOLE) {
      return;
    }
    synchronized (changing) {
      // He may have got what he waits for already.
      if (!waiter.isAnswered()) {
        change(locks -> locks.without(wanted.kind(), wanted.owner(), wanted.range()));
      }
    }
  }

  void remove(Waiter waiter) {
    waiters.remove(waiter);
  }

  boolean isWaitedFor() {
    return !waiters.isEmpty();
  }

  /**
   * Who waits and can have his lock now, has it.
   *
   * @param served hears who has, and is to tell him; waits for nothing
   */
  void serve(Consumer<Waiter> served) {
    if (waiters.isEmpty()) {
      return;
    }
    synchronized (changing) {
      List<Lock> inVain = new ArrayList<>();
      boolean again = true;
      while (again) {
        again = false;
        for (Waiter waiter : waiters()) {
          Lock wanted = waiter.wanted();
          if (held.obstacle(wanted).isPresent() || isInVain(wanted, inVain)) {
            continue;
          }
          HeldLocks heldBefore = held;
          long lossesBefore = losses;
          if (!takeAmongMounts(wanted)) {
            inVain.add(wanted);
            continue;
          }
          waiters.remove(waiter);
          if (waiter.claim()) {
            served.accept(waiter);
            // Who gets a weaker lock than he had makes room for those before him.
            again = true;
          } else {
            // He has just given up.
            hold(losses == lossesBefore ? heldBefore : HeldLocks.NONE);
            tell();
          }
        }
      }
    }
  }

  /** Whether another mount was in the way of one who wanted the same. */
  private static boolean isInVain(Lock wanted, List<Lock> inVain) {
    return inVain.stream()
        .anyMatch(
            lock ->
                lock.kind() == wanted.kind()
                    && lock.type() == wanted.type()
                    && lock.range().equals(wanted.range()));
  }

  /** Gives back what is not left. Never fails. */
  void change(UnaryOperator<HeldLocks> left) {
    synchronized (changing) {
      lost = left.apply(lost);
      HeldLocks next = left.apply(held);
      if (!next.equals(held)) {
        hold(next);
        tell();
      }
    }
  }

  /** Tells the store what is held, or does so later. */
  private void tell() {
    try {
      lease.keep(held.locks());
      owes = false;
    } catch (ConflictException e) {
      lose();
      owes = false;
    } catch (BackendException e) {
      log.debug("That locks of the {} were given back is told later.", cell, e);
      owes = true;
    }
  }

  /** Has the locks live on; and finds out if they are lost. */
  void renew() {
    synchronized (changing) {
      if (owes) {
        tell();
      }
      if (!held.isEmpty() && !lease.renew()) {
        lose();
      }
    }
  }

  private void lose() {
    if (!held.isEmpty()) {
      log.warn(
          "The locks that programs here had of the {} are lost, since Redis could not be told in"
              + " time that they are held: what these programs save next is refused, and kept.",
          cell);
      List<Lock> all = new ArrayList<>(lost.locks());
      all.addAll(held.locks());
      lost = new HeldLocks(all);
      hold(HeldLocks.NONE);
      losses++;
    }
  }

  /** What a save by these must expect. */
  Fence fence(Writers writers) {
    long before;
    HeldLocks now;
    Optional<Expectation> expected;
    do {
      before = changes.get();
      now = held;
      expected = lease.fence();
      // Whoever holds something has a lease, unless that has just been lost or given back.
    } while (before != changes.get());
    boolean holds = now.locks().stream().anyMatch(writers::have);
    boolean hasLost = lost.locks().stream().anyMatch(writers::have);
    return new Fence(holds ? expected : Optional.empty(), hasLost || (holds && expected.isEmpty()));
  }

  /** A save has found that this is not so. */
  void missing(Expectation expected) {
    synchronized (changing) {
      if (lease.fence().filter(expected::equals).isPresent()) {
        lease.isLost();
        lose();
      }
    }
  }

  /** These know now what they have lost. */
  void told(Writers writers) {
    synchronized (changing) {
      lost = lost.without(writers::have);
    }
  }
}
