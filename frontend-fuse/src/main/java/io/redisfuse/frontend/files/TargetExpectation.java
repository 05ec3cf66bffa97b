package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.Reason;
import io.redisfuse.frontend.files.locks.Writers;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a process that saves by a rename expects of the file that it replaces, and what it is told
 * and what it has seen afterwards.
 */
final class TargetExpectation {

  private final Store store;
  private final Cell cell;
  private final Replacement replacement;
  private final Optional<ProcessId> process;

  TargetExpectation(Store store, Cell cell, Replacement replacement, Optional<ProcessId> process) {
    this.replacement = Objects.requireNonNull(replacement);
    this.store = Objects.requireNonNull(store);
    this.cell = Objects.requireNonNull(cell);
    this.process = Objects.requireNonNull(process);
  }

  Cell cell() {
    return cell;
  }

  Optional<ProcessId> process() {
    return process;
  }

  /**
   * Whether nothing is to be replaced. Then it does not matter what the process has seen: it asks
   * that nothing be there, and nothing of what it has not seen is lost.
   */
  boolean mustBeFree() {
    return replacement == Replacement.REFUSED;
  }

  /** Something has the name that must be free. */
  FsException taken(Throwable cause) {
    return new FsException(
        FsError.EXISTS,
        "The " + cell + " has come into being meanwhile; nothing was renamed.",
        cause);
  }

  private Optional<Seen> seen() {
    return store.readings().of(process, cell);
  }

  /**
   * The version that is to be there: what the process has seen; else what is known to be there;
   * else what is there now, if anybody may want to know who changed it; else anything.
   *
   * @param there what the process took away, or {@link Version#ABSENT} of a name that is free
   */
  Optional<Version> expected(Optional<Version> there) {
    if (mustBeFree()) {
      return there.or(() -> Optional.of(Version.ABSENT));
    }
    if (!store.detectsConflicts()) {
      return Optional.empty();
    }
    Optional<Version> known = seen().map(Seen::version).or(() -> there);
    if (known.isEmpty() && store.readings().isKnownToOthers(process, cell)) {
      // If there is something else, there is not this cell.
      return Optional.of(versionNow().orElse(Version.ABSENT));
    }
    return known;
  }

  /** What is there now; empty if it is of another type. */
  Optional<Version> versionNow() {
    try {
      return Optional.of(store.backend().version(cell));
    } catch (WrongTypeException e) {
      return Optional.empty();
    }
  }

  /** Who saves, for the locks that he may have of the cell. */
  Writers writers() {
    return new Writers(Set.of(), process.map(ProcessId::number).map(Set::of).orElse(Set.of()));
  }

  /**
   * Refuses what a program does by itself after it was told of a conflict.
   *
   * @throws FsException if it does
   */
  void refuseReflexes(Version text) {
    Optional<Rejection> rejection = seen().flatMap(Seen::rejection);
    if (rejection.isPresent() && rejection.get().isRestoredBy(text, store.now())) {
      throw new FsException(FsError.CONFLICT, ConflictWords.reflex(cell));
    }
  }

  /**
   * Refuses what is not what the process has seen, if it has seen anything, and tells it what is
   * there.
   *
   * @throws FsException if it is not; nothing needs to be kept
   */
  void requireSeen(Version found) {
    Optional<Version> expected = seen().map(Seen::version);
    if (!store.detectsConflicts() || expected.isEmpty() || expected.get().equals(found)) {
      return;
    }
    store
        .readings()
        .told(process.orElseThrow(), cell, found, Rejection.Way.RENAME, expected, store.now());
    throw new FsException(
        FsError.CONFLICT,
        ConflictWords.of(cell, expected, found, name())
            + " Nothing was exchanged; read the file again, or do it once more.");
  }

  /** Whether the process was told of a conflict, and may be putting its backup back. */
  boolean mayBePutBack() {
    return seen().flatMap(Seen::rejection).filter(r -> r.mayBePutBack(store.now())).isPresent();
  }

  /** Nobody knows whether the process has saved this version. */
  void tried(Version text) {
    process.ifPresent(p -> store.readings().tried(p, cell, text));
  }

  /** Whether this is what the process has tried to save, and perhaps has saved. */
  boolean hasTried(Version text) {
    return seen().flatMap(Seen::tried).filter(text::equals).isPresent();
  }

  /** Keeps what the process overwrites because it was told of it. */
  Optional<KeptText> keepOverwritten(Optional<Version> text) {
    Optional<Seen> seen = seen();
    return seen.flatMap(Seen::rejection).isPresent() && !text.equals(seen.map(Seen::version))
        ? store.keepOverwritten(cell, seen.get().version(), name())
        : Optional.empty();
  }

  /** The process has saved this version in the place of what was expected. */
  void saved(Optional<Version> expected, Version version) {
    Set<Version> replaced = expected.map(Set::of).orElse(Set.of());
    process.ifPresent(p -> store.readings().saved(p, cell, replaced, version));
  }

  /** What happened, in words. */
  String words(Version found) {
    return ConflictWords.of(cell, seen().map(Seen::version), found, name());
  }

  /** Keeps the text, tells the process, and returns what to throw. */
  FsException reject(Content text, Optional<Version> found, String why, Throwable cause) {
    Optional<Version> expected = seen().map(Seen::version);
    String kept = store.rejected().keep(cell, text, Reason.REJECTED, expected, found, name(), why);
    if (process.isPresent() && found.isPresent()) {
      store
          .readings()
          .told(process.get(), cell, found.get(), Rejection.Way.RENAME, expected, store.now());
    }
    return Store.rejection(new Rejected(expected, found, why, cause), kept);
  }

  private String name() {
    return process.map(store::nameOf).orElse("");
  }
}
