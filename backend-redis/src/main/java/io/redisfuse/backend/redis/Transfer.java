package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Moves one thing from a slot to another: reads it, writes the copy, reads that back, and deletes
 * the source if it is still what was copied. If it is not, the copy is taken back.
 *
 * <p>At each moment a whole copy of the source exists, and whoever is killed between two steps
 * leaves two. Others can see both for a moment: a cluster has nothing better. What the target held
 * is not lost but where its loss was asked for: each step expects of it what the one before saw.
 *
 * @param <C> what a copy is known by
 */
abstract class Transfer<C> {

  /** How far it has got. */
  enum Step {
    READ,
    COPIED,
    VERIFIED
  }

  /** Sees how far moves get. */
  interface Observer {
    void reached(Step step);
  }

  /** What can be asked of a key's slot within a time. */
  interface Places {
    Part at(Bytes key, Duration limit);
  }

  private static final int TRIES = 10;

  private final Places places;
  private final Duration timeLimit;
  private final Observer observer;
  private final Deadline deadline;
  private final CrossSlot move;

  Transfer(CrossSlot move, Places places, Duration timeLimit, Observer observer) {
    this.move = move;
    this.places = places;
    this.timeLimit = timeLimit;
    this.observer = observer;
    this.deadline = Deadline.after(timeLimit);
  }

  static void run(CrossSlot move, Places places, Duration timeLimit, Observer observer) {
    Transfer<?> transfer =
        move.what() instanceof CrossSlot.MovedCell cell
            ? new CellTransfer(move, cell, places, timeLimit, observer)
            : new KeyTransfer(move, places, timeLimit, observer);
    transfer.move();
  }

  /** What the target held. */
  record Before(Optional<Snapshot> snapshot, Optional<Duration> ttl) {
    Version version() {
      return snapshot.map(Snapshot::version).orElse(Version.ABSENT);
    }
  }

  /** Whether the source is deleted, or has changed since it was read. */
  enum Deletion {
    DONE,
    CHANGED
  }

  /** The cell by which the target is expected to be something. */
  abstract Cell target();

  /**
   * Reads the source.
   *
   * @throws ConflictException if there is none
   */
  abstract C read();

  /** Writes it to the target, if that holds what it held. */
  abstract void copy(C source, Before before);

  /** Whether the target holds all that was copied. */
  abstract boolean isWhole(C source);

  /**
   * Deletes the source if it is what was copied.
   *
   * @throws OutcomeUnknownException if it may have been deleted
   */
  abstract Deletion delete(C source);

  /** Gives back to the target what it held, if it is as we have written it. */
  abstract void undo(C source, Before before);

  /** Does it. */
  final void move() {
    for (int tries = 1; !attempt(); tries++) {
      if (tries == TRIES || deadline.hasPassed()) {
        throw new BackendUnavailableException(
            "Others change key "
                + move.what().from()
                + " or "
                + move.what().into()
                + " so often that it could not be moved to its new name.",
            /* cause= */ null);
      }
    }
  }

  /** Returns whether it is done; if not, something has changed meanwhile. */
  private boolean attempt() {
    requireOfSource();
    C source = read();
    Before before = before();
    observer.reached(Step.READ);
    try {
      copy(source, before);
    } catch (ConflictException e) {
      if (e.cell().equals(target())) {
        // It changed just now; whether it was to, is decided by what it is.
        return false;
      }
      throw e;
    }
    observer.reached(Step.COPIED);
    if (!isWhole(source)) {
      throw new ConflictException(target(), before.version(), place().cells().version(target()));
    }
    observer.reached(Step.VERIFIED);
    try {
      if (delete(source) == Deletion.DONE) {
        return true;
      }
    } catch (OutcomeUnknownException e) {
      // The source may be gone, so the copy must stay.
      throw e;
    } catch (BackendException e) {
      takeBack(source, before, e);
      throw e;
    }
    takeBack(source, before, /* cause= */ null);
    requireOfSource();
    return false;
  }

  private void requireOfSource() {
    if (!move.ofSource().isEmpty()) {
      source().commits().commit(new Transaction(move.ofSource(), List.of()));
    }
  }

  private Before before() {
    Cell target = target();
    Optional<Snapshot> snapshot;
    try {
      snapshot = place().cells().read(target);
    } catch (WrongTypeException e) {
      throw expectedOfTarget().isPresent() ? e : inTheWay(e);
    }
    Before before = new Before(snapshot, ttl(place(), target.key()));
    Optional<Version> expected = expectedOfTarget();
    if (expected.isPresent() && !expected.get().equals(before.version())) {
      throw new ConflictException(target, expected.get(), before.version());
    }
    return before;
  }

  private Optional<Version> expectedOfTarget() {
    return move.ofTarget().stream()
        .filter(expectation -> expectation.cell().equals(target()))
        .map(Expectation::version)
        .findFirst();
  }

  private RefusedException inTheWay(WrongTypeException e) {
    return new RefusedException(
        RefusedException.Reason.CROSS_SLOT,
        "Key "
            + move.what().into()
            + " holds a collection, which nothing from another slot of the cluster can replace;"
            + " delete it first.",
        e);
  }

  private void takeBack(C source, Before before, BackendException cause) {
    try {
      undo(source, before);
    } catch (ConflictException | WrongTypeException e) {
      // It is somebody else's by now.
      return;
    } catch (BackendException e) {
      throw new OutcomeUnknownException(
          "Key "
              + move.what().from()
              + " was copied to "
              + move.what().into()
              + ", but then could neither be deleted nor could the copy ("
              + e.getMessage()
              + "); look which one is wanted.",
          cause == null ? e : cause);
    }
  }

  CrossSlot request() {
    return move;
  }

  /** The slot that is left. */
  Part source() {
    return places.at(move.what().from(), left());
  }

  /** The slot that is gone to. */
  Part place() {
    return places.at(move.what().into(), left());
  }

  /** What is left of the time, or a part of all of it once there is something to be finished. */
  private Duration left() {
    Duration least = timeLimit.dividedBy(4);
    Duration left = deadline.left();
    return left.compareTo(least) > 0 ? left : least;
  }

  static Optional<Duration> ttl(Part part, Bytes key) {
    Cell cell = Cell.string(key);
    return Optional.ofNullable(part.keyspace().describe(List.of(cell)).get(cell))
        .flatMap(CellStatus::ttl);
  }
}
