package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transaction over two slots of a cluster that moves one thing from one to the other, taken
 * apart. How it is done, since the server cannot do it as one: copy, verify, delete.
 *
 * @param what is moved
 * @param ofSource what is expected in the slot that it leaves
 * @param ofTarget what is expected in the slot that it goes to
 * @param expire how long the key lives on that it goes to, if that is said
 */
record CrossSlot(
    Moved what,
    List<Expectation> ofSource,
    List<Expectation> ofTarget,
    Optional<Change.Expire> expire) {

  /** What is moved. */
  sealed interface Moved {
    Bytes from();

    Bytes into();
  }

  /**
   * A cell.
   *
   * @param content what it is written anew with at the same time
   * @param ttl what becomes of the TTL of the source
   */
  record MovedCell(Cell source, Cell target, Optional<Bytes> content, Ttl ttl) implements Moved {
    @Override
    public Bytes from() {
      return source.key();
    }

    @Override
    public Bytes into() {
      return target.key();
    }
  }

  /** What becomes of a TTL. */
  enum Ttl {
    GOES_ALONG,
    STAYS
  }

  /** A key of any type. */
  record MovedKey(Bytes from, Bytes into) implements Moved {}

  /** How long the key lives on that it goes to; so long as said here if nothing else is. */
  Optional<Duration> ttlOr(Optional<Duration> otherwise) {
    return expire.isPresent() ? expire.get().ttl() : otherwise;
  }

  CrossSlot {
    ofSource = List.copyOf(ofSource);
    ofTarget = List.copyOf(ofTarget);
  }

  /**
   * Takes a transaction apart.
   *
   * @throws RefusedException with {@code CROSS_SLOT} if it is anything else
   */
  static CrossSlot of(Transaction transaction) {
    List<Change> changes = new ArrayList<>(transaction.changes());
    Optional<Change.Expire> last =
        changes.isEmpty() || !(changes.get(changes.size() - 1) instanceof Change.Expire expire)
            ? Optional.empty()
            : Optional.of(expire);
    last.ifPresent(changes::remove);
    Moved moved = moved(changes).orElseThrow(() -> refusal(transaction));
    int from = Slot.of(moved.from());
    int into = Slot.of(moved.into());
    boolean isOfTwo =
        from != into
            && Commits.keysOf(transaction).stream()
                .mapToInt(Slot::of)
                .allMatch(slot -> slot == from || slot == into);
    if (!isOfTwo || last.filter(expire -> !expire.key().equals(moved.into())).isPresent()) {
      throw refusal(transaction);
    }
    return new CrossSlot(moved, of(transaction, from), of(transaction, into), last);
  }

  private static List<Expectation> of(Transaction transaction, int slot) {
    return transaction.expectations().stream()
        .filter(expectation -> Slot.of(expectation.cell().key()) == slot)
        .toList();
  }

  private static Optional<Moved> moved(List<Change> changes) {
    Change first = changes.isEmpty() ? null : changes.get(0);
    if (changes.size() == 1 && first instanceof Change.Move move) {
      return Optional.of(moved(move, Optional.empty()));
    }
    if (changes.size() == 1 && first instanceof Change.MoveKey move) {
      return Optional.of(new MovedKey(move.from(), move.to()));
    }
    if (changes.size() != 2) {
      return Optional.empty();
    }
    Change second = changes.get(1);
    if (first instanceof Change.Put put
        && second instanceof Change.Move move
        && put.cell().equals(move.from())) {
      return Optional.of(moved(move, Optional.of(put.content())));
    }
    if (first instanceof Change.Delete delete && second instanceof Change.Put put) {
      return Optional.of(
          new MovedCell(delete.cell(), put.cell(), Optional.of(put.content()), Ttl.STAYS));
    }
    return Optional.empty();
  }

  private static MovedCell moved(Change.Move move, Optional<Bytes> content) {
    boolean isRename =
        move.from() instanceof Cell.StringCell && move.to() instanceof Cell.StringCell;
    return new MovedCell(move.from(), move.to(), content, isRename ? Ttl.GOES_ALONG : Ttl.STAYS);
  }

  /** That a transaction is of several slots and cannot be done. */
  private static RefusedException refusal(Transaction transaction) {
    return new RefusedException(
        RefusedException.Reason.CROSS_SLOT,
        "Key "
            + Commits.keysOf(transaction).iterator().next()
            + " and others cannot be changed as one, since a cluster keeps them in different"
            + " slots; change them one by one, or give their names a common part in {braces}.",
        /* cause= */ null);
  }
}
