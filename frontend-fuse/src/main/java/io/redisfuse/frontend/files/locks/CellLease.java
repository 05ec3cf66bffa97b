package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The locks that one mount holds of a cell, as other mounts see them: its lines in the table that
 * all share, and its lease, without which they count for nothing.
 *
 * <p>Whatever is written expects the table as it was read, this mount's own lease as it knows it,
 * and that the leases of those whose lines it drops are gone. So of two who take what excludes the
 * other only one can; and whose lease has run out learns it with the next write, be that of a lock
 * or, by {@link #fence}, of the cell itself.
 *
 * <p>Methods throw what the backend throws. Not safe for threads.
 */
final class CellLease {

  /** The table outlives a lease, so that it is not gone before all who are in it are. */
  private static final int TABLE_LIVES = 2;

  /** Each time somebody else was faster, so that somebody always goes on. */
  private static final int TRIES = 1_000;

  private final Backend backend;
  private final Cell cell;
  private final LockKeys keys;
  private final String mount;
  private final String host;
  private final Duration life;
  private final Supplier<Bytes> nonces;

  private long turn;

  /** What this mount's lease holds; empty if it holds none. */
  private Optional<Bytes> nonce = Optional.empty();

  /** The lease that was lost, until its holders were told. */
  private Optional<Bytes> lost = Optional.empty();

  /**
   * @param life how long a lease lasts that is not renewed
   * @param nonces each is another, of whichever mount and time
   */
  CellLease(
      Backend backend,
      Cell cell,
      String mount,
      String host,
      Duration life,
      Supplier<Bytes> nonces) {
    this.backend = backend;
    this.cell = cell;
    this.keys = LockKeys.of(cell);
    this.mount = mount;
    this.host = host;
    this.life = life;
    this.nonces = nonces;
  }

  /** What the table said when it was read, or that there is none. */
  private record Read(LockTable table, Version version) {}

  private Read read() {
    Optional<Snapshot> found = backend.read(keys.table());
    return found.isEmpty()
        ? new Read(LockTable.EMPTY, Version.ABSENT)
        : new Read(LockTable.of(found.get().content()), found.get().version());
  }

  /** A lock of another mount that is in the way of this one, and counts. */
  Optional<LockTable.Line> obstacle(Lock wanted) {
    LockTable table = read().table();
    return obstacle(table, ended(table), wanted);
  }

  private Optional<LockTable.Line> obstacle(LockTable table, Set<String> ended, Lock wanted) {
    return table.inTheWay(wanted, mount).stream()
        .filter(line -> !ended.contains(line.mount()))
        .findFirst();
  }

  /** The other mounts in the table whose leases have run out. */
  private Set<String> ended(LockTable table) {
    Set<String> mounts = table.mountsBut(mount);
    if (mounts.isEmpty()) {
      return mounts;
    }
    Set<Cell> alive = backend.describe(mounts.stream().map(keys::lease).toList()).keySet();
    Set<String> ended = new HashSet<>(mounts);
    ended.removeIf(other -> alive.contains(keys.lease(other)));
    return ended;
  }

  /**
   * Takes a lock if no other mount is in the way.
   *
   * @param held all that this mount holds with it
   * @return what is in the way; then nothing has changed
   * @throws ConflictException if the lease was lost, and with it all that was held
   */
  Optional<LockTable.Line> take(Lock wanted, List<Lock> held) {
    return write(Optional.of(wanted), held);
  }

  /**
   * This mount holds no more than these any longer: none, and nothing of it is left behind.
   *
   * @throws ConflictException if the lease was lost, and with it all that was held
   */
  void keep(List<Lock> held) {
    if (nonce.isPresent()) {
      write(Optional.empty(), held);
    }
  }

  private Optional<LockTable.Line> write(Optional<Lock> wanted, List<Lock> held) {
    long mine = ++turn;
    Bytes next = nonce.orElseGet(nonces);
    boolean doubted = false;
    for (int tries = 0; tries < TRIES; tries++) {
      Read read = read();
      if (doubted && isWritten(read.table(), mine, held, next)) {
        holds(held, next);
        return Optional.empty();
      }
      Set<String> ended = ended(read.table());
      Optional<LockTable.Line> obstacle =
          wanted.flatMap(lock -> obstacle(read.table(), ended, lock));
      if (obstacle.isPresent()) {
        return obstacle;
      }
      try {
        backend.commit(transaction(read, ended, mine, held, next));
        holds(held, next);
        return Optional.empty();
      } catch (ConflictException e) {
        if (e.cell().equals(keys.lease(mount)) && !isMine(next)) {
          // What was held with it is lost, too: the caller must not go on as if it were not.
          lose();
          throw e;
        }
      } catch (OutcomeUnknownException e) {
        doubted = true;
      }
    }
    throw new BackendUnavailableException(
        "The locks of the " + cell + " change too fast; try again.", /* cause= */ null);
  }

  private Transaction transaction(
      Read read, Set<String> ended, long mine, List<Lock> held, Bytes next) {
    Cell.StringCell lease = keys.lease(mount);
    LockTable table = read.table().without(ended).with(mount, mine, held, host);
    Transaction.Builder transaction =
        Transaction.builder()
            .expect(lease, nonce.map(Version::of).orElse(Version.ABSENT))
            .expect(keys.table(), read.version());
    ended.forEach(other -> transaction.expect(keys.lease(other), Version.ABSENT));
    if (table.isEmpty()) {
      transaction.change(new Change.DeleteKey(keys.table().key()));
    } else {
      transaction.put(keys.table(), table.text());
      transaction.change(expire(keys.table(), life.multipliedBy(TABLE_LIVES)));
    }
    if (held.isEmpty()) {
      transaction.change(new Change.DeleteKey(lease.key()));
    } else {
      transaction.put(lease, next).change(expire(lease, life));
    }
    return transaction.build();
  }

  private static Change expire(Cell cell, Duration life) {
    return new Change.Expire(cell.key(), Optional.of(life));
  }

  /** Whether a write whose outcome was unknown has happened. */
  private boolean isWritten(LockTable table, long mine, List<Lock> held, Bytes next) {
    return held.isEmpty()
        ? !table.isOf(mount) && backend.read(keys.lease(mount)).isEmpty()
        : table.isOfTurn(mount, mine) && isMine(next);
  }

  private boolean isMine(Bytes expected) {
    return backend.version(keys.lease(mount)).equals(Version.of(expected));
  }

  private void holds(List<Lock> held, Bytes next) {
    nonce = held.isEmpty() ? Optional.empty() : Optional.of(next);
  }

  private void lose() {
    lost = lost.or(() -> nonce);
    nonce = Optional.empty();
  }

  /**
   * Has the lease live on.
   *
   * @return whether this mount still has what it held; if not, it has lost all of it
   */
  boolean renew() {
    if (nonce.isEmpty()) {
      return lost.isEmpty();
    }
    try {
      backend.commit(
          Transaction.builder()
              .expect(keys.lease(mount), Version.of(nonce.get()))
              .change(expire(keys.lease(mount), life))
              .change(expire(keys.table(), life.multipliedBy(TABLE_LIVES)))
              .build());
      return true;
    } catch (ConflictException e) {
      lose();
      return false;
    }
  }

  /** What a save of the cell expects while this mount holds locks of it, or has lost some. */
  Optional<Expectation> fence() {
    return lost.or(() -> nonce).map(held -> new Expectation(keys.lease(mount), Version.of(held)));
  }

  /** Whether a lease was lost, and nobody was told yet. */
  boolean isLost() {
    return lost.isPresent();
  }

  /** Who held what was lost knows it. */
  void told() {
    lost = Optional.empty();
  }
}
