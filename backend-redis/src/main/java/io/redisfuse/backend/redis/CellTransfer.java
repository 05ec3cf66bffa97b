package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.Optional;

/** Moves a cell to another slot. What was copied is known by its version. */
final class CellTransfer extends Transfer<CellTransfer.Copy> {

  /**
   * What is copied.
   *
   * @param version what the source holds
   * @param content what the target is to hold
   * @param ttl that of the source's key
   */
  record Copy(Version version, Bytes content, Optional<Duration> ttl) {}

  private final CrossSlot.MovedCell cells;

  CellTransfer(
      CrossSlot move,
      CrossSlot.MovedCell cells,
      Places places,
      Duration timeLimit,
      Observer observer) {
    super(move, places, timeLimit, observer);
    this.cells = cells;
  }

  @Override
  Cell target() {
    return cells.target();
  }

  @Override
  Copy read() {
    Optional<Snapshot> source = source().cells().read(cells.source());
    if (source.isEmpty()
        && (cells.content().isEmpty() || cells.ttl() == CrossSlot.Ttl.GOES_ALONG)) {
      throw ConflictException.vanished(cells.source());
    }
    return new Copy(
        source.map(Snapshot::version).orElse(Version.ABSENT),
        cells.content().or(() -> source.map(Snapshot::content)).orElseThrow(),
        ttl(source(), cells.from()));
  }

  @Override
  void copy(Copy copy, Before before) {
    Transaction.Builder transaction = Transaction.builder();
    request().ofTarget().forEach(each -> transaction.expect(each.cell(), each.version()));
    transaction.expect(target(), before.version()).put(target(), copy.content());
    if (changesTtl()) {
      transaction.change(new Change.Expire(cells.into(), request().ttlOr(copy.ttl())));
    }
    place().commits().commit(transaction.build());
  }

  private boolean changesTtl() {
    return cells.ttl() == CrossSlot.Ttl.GOES_ALONG || request().expire().isPresent();
  }

  @Override
  boolean isWhole(Copy copy) {
    return place().cells().version(target()).equals(Version.of(copy.content()));
  }

  @Override
  Deletion delete(Copy copy) {
    Transaction.Builder transaction = Transaction.builder();
    request().ofSource().forEach(each -> transaction.expect(each.cell(), each.version()));
    transaction.expect(cells.source(), copy.version());
    try {
      source().commits().commit(transaction.change(new Change.Delete(cells.source())).build());
      return Deletion.DONE;
    } catch (ConflictException e) {
      return Deletion.CHANGED;
    }
  }

  @Override
  void undo(Copy copy, Before before) {
    Transaction.Builder transaction =
        Transaction.builder().expect(target(), Version.of(copy.content()));
    if (before.snapshot().isPresent()) {
      transaction.put(target(), before.snapshot().get().content());
    } else {
      transaction.change(new Change.Delete(target()));
    }
    if (changesTtl()) {
      transaction.change(new Change.Expire(cells.into(), before.ttl()));
    }
    place().commits().commit(transaction.build());
  }
}
