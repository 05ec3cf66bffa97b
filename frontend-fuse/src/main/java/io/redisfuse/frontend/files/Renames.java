package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.files.Departures.Departure;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Renames of files, collections and directories, each as one transaction. Type and TTL stay with
 * what is moved; a file that replaces another, as editors do to save, takes over its TTL unless it
 * has one of its own.
 *
 * <p>Called with the names' lock held: shared for files and collections, exclusively for
 * directories, whose rename changes what many nodes stand for.
 */
final class Renames {

  /** Directories with more keys are moved by copying, which {@code mv} does by itself. */
  private static final int MOST_KEYS = 10_000;

  private static final int TRIES = 3;
  private static final Duration SHORTEST_TTL = Duration.ofMillis(1);

  private final Store store;
  private final NodeTable nodes;
  private final Directories directories;
  private final Namespace namespace;
  private final Settlement settlement;
  private final ScratchFiles scratch;
  private final Keyspace keyspace;

  Renames(
      Store store,
      NodeTable nodes,
      Directories directories,
      Namespace namespace,
      Settlement settlement,
      ScratchFiles scratch) {
    this.store = store;
    this.nodes = nodes;
    this.directories = directories;
    this.namespace = namespace;
    this.settlement = settlement;
    this.scratch = scratch;
    this.keyspace = store.keyspace();
  }

  /** A place: a name in the directory of a stem. */
  record Place(Bytes stem, Bytes name) {}

  /** A file gets another name; if it replaces another file, that may be a save. */
  void file(
      Found source,
      Place to,
      Optional<Found> target,
      Replacement replacement,
      Optional<ProcessId> process) {
    target.ifPresent(Renames::requireFile);
    Cell from = ((Identity.OfCell) source.identity()).cell();
    Optional<Withheld.Entry> taken = settlement.take(to.stem(), to.name(), process);
    Departure place =
        target
            .map(found -> ((Identity.OfCell) found.identity()).cell())
            .map(cell -> new Departure(cell, Optional.empty()))
            .or(() -> taken.map(this::whatItWas))
            .orElseGet(() -> namespace.placeOfNew(to.stem(), to.name(), process));
    Cell into = place.cell();
    boolean replaces = target.isPresent() || taken.isPresent();
    TargetExpectation expectation = new TargetExpectation(store, into, replacement, process);
    boolean replacesHash = isAllOfHash(from, into);
    if (!replaces && !replacesHash) {
      directories.requireNoHash(into);
    }
    FileNode moved = (FileNode) nodes.lookUp(source.identity());
    FileNode replaced = (FileNode) nodes.lookUp(new Identity.OfCell(into));
    try {
      boolean inOrder = moved.id() < replaced.id();
      OpenFile first = (inOrder ? moved : replaced).file();
      OpenFile second = (inOrder ? replaced : moved).file();
      first.locked(
          () ->
              second.locked(
                  () -> {
                    if (replaces && !replaced.file().isDetached()) {
                      replaced.file().prepareToDetach();
                    }
                    if (replacesHash) {
                      moved.file().saveShared();
                      replaceHash(source, from, expectation);
                    } else {
                      SaveByRename rename = new SaveByRename(store, moved, expectation);
                      Runnable commit =
                          () ->
                              rename.commit(
                                  taken.map(Withheld.Entry::version).or(() -> nothing(replaces)),
                                  keptTtl(source, target).or(() -> keptTtl(source, place)));
                      if (replaces || rename.savesText()) {
                        store.save(commit);
                      } else {
                        commit.run();
                      }
                    }
                    replaced.file().detach(process);
                    nodes.rename(moved, new Identity.OfCell(into));
                  }));
    } finally {
      nodes.forget(moved.id(), 1);
      nodes.forget(replaced.id(), 1);
    }
  }

  /** What the process took away, with the TTL that it has still. */
  private Departure whatItWas(Withheld.Entry taken) {
    CellStatus status = store.backend().describe(List.of(taken.cell())).get(taken.cell());
    Optional<Duration> ttl = Optional.ofNullable(status).flatMap(CellStatus::ttl);
    return new Departure(taken.cell(), ttl.map(store.now()::plus));
  }

  /**
   * Whether the only field of a hash becomes the string of the same key: programs write {@code
   * name.new}, which is a field when there is no {@code name}, and rename it to {@code name}.
   */
  private boolean isAllOfHash(Cell from, Cell into) {
    if (!(from instanceof Cell.FieldCell field
        && into instanceof Cell.StringCell
        && into.key().equals(field.key()))) {
      return false;
    }
    List<FieldStatus> fields =
        store.backend().fields(List.of(field.key())).getOrDefault(field.key(), List.of());
    return fields.size() == 1 && fields.get(0).field().equals(field.field());
  }

  /** As {@link SaveByRename}, which cannot: the string needs the key that the hash still has. */
  private void replaceHash(Found source, Cell from, TargetExpectation target) {
    Cell into = target.cell();
    Snapshot content =
        store
            .backend()
            .read(from)
            .orElseThrow(() -> new FsException(FsError.NO_ENTRY, "The " + from + " is gone."));
    if (!target.mustBeFree()
        && target.expected(Optional.empty()).filter(version -> !version.isAbsent()).isPresent()) {
      // The process has read a string that is not there any more: a hash has its key.
      try (Content text = Content.of(content.content())) {
        throw target.reject(
            text, Optional.of(Version.ABSENT), target.words(Version.ABSENT), /* cause= */ null);
      }
    }
    Transaction.Builder transaction =
        Transaction.builder()
            .expect(from, content.version())
            .change(new Change.Delete(from))
            .put(into, content.content());
    atLeastShortest(source.ttl())
        .ifPresent(left -> transaction.change(new Change.Expire(into.key(), Optional.of(left))));
    try {
      store.commit(transaction.build());
    } catch (ConflictException e) {
      throw new FsException(FsError.CONFLICT, e.getMessage(), e);
    } catch (WrongTypeException e) {
      // Somebody has just added another field.
      throw new FsException(FsError.EXISTS, e.getMessage(), e);
    }
    store.readings().moved(target.process(), from, into);
    target.saved(Optional.of(Version.ABSENT), content.version());
  }

  /** What is expected of a name that is free. */
  private static Optional<Version> nothing(boolean replaces) {
    return replaces ? Optional.empty() : Optional.of(Version.ABSENT);
  }

  /** The TTL that the replaced key had, where RENAME would lose it. */
  private static Optional<Duration> keptTtl(Found source, Optional<Found> target) {
    if (target.isEmpty() || source.ttl().isPresent()) {
      return Optional.empty();
    }
    boolean isString =
        target.get().identity() instanceof Identity.OfCell of
            && of.cell() instanceof Cell.StringCell;
    return atLeastShortest(target.get().ttl()).filter(ttl -> isString);
  }

  /** The TTL of what had the name until the caller took it away. */
  private Optional<Duration> keptTtl(Found source, Departure place) {
    boolean movesItsOwn =
        source.ttl().isPresent()
            && source.identity() instanceof Identity.OfCell of
            && of.cell() instanceof Cell.StringCell
            && place.cell() instanceof Cell.StringCell;
    return movesItsOwn
        ? Optional.empty()
        : store.expire(place.cell(), place.expiry()).flatMap(Change.Expire::ttl);
  }

  static Optional<Duration> atLeastShortest(Optional<Duration> ttl) {
    return ttl.map(left -> left.compareTo(SHORTEST_TTL) < 0 ? SHORTEST_TTL : left);
  }

  void collection(
      Found source,
      Place to,
      Optional<Found> target,
      Replacement replacement,
      Optional<ProcessId> process) {
    settlement.take(to.stem(), to.name(), Optional.empty());
    target.ifPresent(Renames::requireFile);
    Bytes from = ((Identity.OfCollection) source.identity()).key();
    Optional<Cell> overwritten = target.map(found -> ((Identity.OfCell) found.identity()).cell());
    if (overwritten.isPresent() && overwritten.get() instanceof Cell.FieldCell field) {
      throw new FsException(
          FsError.ACCESS,
          "The collection " + from + " cannot become the " + field + "; choose another name.");
    }
    Bytes into =
        overwritten
            .map(Cell::key)
            .orElseGet(() -> keyspace.key(to.stem(), directories.newSegment(to.stem(), to.name())));
    Cell place = Cell.string(into);
    TargetExpectation expectation = new TargetExpectation(store, place, replacement, process);
    directories.requireNoHash(place);
    Version before = target.isPresent() ? store.backend().version(place) : Version.ABSENT;
    CollectionNode moved = (CollectionNode) nodes.lookUp(source.identity());
    FileNode replaced = (FileNode) nodes.lookUp(new Identity.OfCell(place));
    try {
      replaced
          .file()
          .locked(
              () -> {
                if (target.isPresent()) {
                  replaced.file().prepareToDetach();
                }
                try {
                  store.commit(
                      Transaction.builder()
                          .expect(place, before)
                          .change(new Change.MoveKey(from, into))
                          .build());
                } catch (ConflictException e) {
                  if (!e.cell().equals(place)) {
                    throw new FsException(FsError.NO_ENTRY, e.getMessage(), e);
                  }
                  throw expectation.mustBeFree()
                      ? expectation.taken(e)
                      : new FsException(FsError.CONFLICT, e.getMessage(), e);
                } catch (WrongTypeException e) {
                  throw expectation.mustBeFree() ? expectation.taken(e) : e;
                }
                replaced.file().detach(process);
                nodes.detach(replaced);
                nodes.rename(moved, new Identity.OfCollection(into));
              });
    } finally {
      nodes.forget(moved.id(), 1);
      nodes.forget(replaced.id(), 1);
    }
  }

  void directory(
      Found source,
      Place to,
      Optional<Found> target,
      Replacement replacement,
      Optional<ProcessId> process) {
    settlement.take(to.stem(), to.name(), Optional.empty());
    if (target.isPresent() && !target.get().isDirectory()) {
      throw new FsException(
          FsError.NOT_DIRECTORY, "A directory cannot replace the file " + to.name() + ".");
    }
    Bytes from = ((Identity.OfDirectory) source.identity()).stem();
    Bytes into =
        target
            .map(found -> ((Identity.OfDirectory) found.identity()).stem())
            .orElseGet(
                () -> keyspace.stem(to.stem(), directories.newSegment(to.stem(), to.name())));
    if (into.startsWith(from)) {
      throw new FsException(
          FsError.INVALID, "The directory " + from + " cannot be moved into itself.");
    }
    if (target.isPresent() && !namespace.isEmpty(into)) {
      throw notEmpty(into);
    }
    settlement.settleBelow(from);
    for (int tries = 1; !moveKeys(from, into, replacement); tries++) {
      if (tries == TRIES) {
        throw new FsException(
            FsError.CONFLICT,
            "Keys below " + from + " keep vanishing while they are renamed; try again later.");
      }
    }
    scratch.movedBelow(from, into);
    store.readings().movedBelow(process, from, into);
  }

  /** Whether it is done, rather than to be tried again with the keys that are there then. */
  private boolean moveKeys(Bytes from, Bytes into, Replacement replacement) {
    boolean mustBeFree = replacement == Replacement.REFUSED;
    List<Bytes> keys = store.index().keysBelow(from, MOST_KEYS);
    if (keys.size() > MOST_KEYS) {
      throw new FsException(
          FsError.CROSS_DEVICE,
          "The directory " + from + " has over " + MOST_KEYS + " keys, too many for one move.");
    }
    Optional<Bytes> ownFrom =
        keyspace
            .ownKey(from)
            .filter(key -> store.index().ownValue(from).filter(t -> t != Type.HASH).isPresent());
    Optional<Bytes> ownInto = keyspace.ownKey(into);
    Transaction.Builder transaction = Transaction.builder();
    Cell marker = Cell.string(into);
    boolean markerIsThere = !mustBeFree && exists(marker);
    if (mustBeFree) {
      transaction.expect(marker, Version.ABSENT);
      // A file of the name would be in the way; the fields of a hash have other names.
      ownInto
          .filter(key -> directories.typeOf(key).filter(type -> type == Type.HASH).isEmpty())
          .ifPresent(key -> transaction.expect(Cell.string(key), Version.ABSENT));
    }
    if (markerIsThere) {
      transaction.expect(marker, Version.of(Bytes.EMPTY));
    }
    for (Bytes key : keys) {
      Bytes newKey = into.concat(key.slice(from.length()));
      if (!(markerIsThere && newKey.equals(into))) {
        transaction.expect(Cell.string(newKey), Version.ABSENT);
      }
      transaction.change(new Change.MoveKey(key, newKey));
    }
    if (ownFrom.isPresent()) {
      transaction.expect(Cell.string(ownInto.orElseThrow()), Version.ABSENT);
      transaction.change(new Change.MoveKey(ownFrom.get(), ownInto.get()));
    }
    try {
      store.commit(transaction.build());
    } catch (ConflictException e) {
      if (e.cell().key().startsWith(into) || e.cell().key().equals(ownInto.orElse(null))) {
        throw mustBeFree ? taken(into, e) : notEmpty(into);
      }
      return false;
    } catch (WrongTypeException e) {
      throw mustBeFree ? taken(into, e) : notEmpty(into);
    }
    keyspace.parentOfStem(from).ifPresent(namespace::retain);
    store.index().moveRetained(from, into);
    nodes.find(new Identity.OfDirectory(into)).ifPresent(nodes::detach);
    nodes.renameBelow(from, into, ownFrom, ownFrom.isPresent() ? ownInto : Optional.empty());
    return true;
  }

  private boolean exists(Cell cell) {
    CellStatus status = store.backend().describe(List.of(cell)).get(cell);
    return status != null;
  }

  static void requireFile(Found target) {
    if (target.isDirectory()) {
      throw new FsException(FsError.IS_DIRECTORY, "A directory cannot be replaced by a file.");
    }
    if (target.isCollection()) {
      throw new FsException(
          FsError.ACCESS,
          "The collection "
              + ((Identity.OfCollection) target.identity()).key()
              + " cannot be replaced; remove it first if it is not needed.");
    }
  }

  private static FsException taken(Bytes stem, Throwable cause) {
    return new FsException(
        FsError.EXISTS,
        "The directory " + stem + " has come into being meanwhile; nothing was renamed.",
        cause);
  }

  private static FsException notEmpty(Bytes stem) {
    return new FsException(FsError.NOT_EMPTY, "The directory " + stem + " is not empty.");
  }
}
