package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.files.Departures.Departure;
import io.redisfuse.frontend.files.FileSystemOptions.DirectoryMarkers;
import io.redisfuse.frontend.names.Entry;
import io.redisfuse.frontend.names.Keyspace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What comes into being in a directory and what goes: files, collections and directories, and
 * scratch files beside them.
 *
 * <p>Called with the names' lock held, shared or exclusively.
 */
final class Namespace {

  private final Store store;
  private final NodeTable nodes;
  private final Directories directories;
  private final Departures departures;
  private final ScratchFiles scratch;
  private final ScratchNames scratchNames;
  private final Settlement settlement;
  private final Backups backups;
  private final ShownTexts shown;
  private final DirectoryMarkers markers;
  private final Keyspace keyspace;

  Namespace(
      Store store,
      NodeTable nodes,
      Directories directories,
      Departures departures,
      ScratchFiles scratch,
      ScratchNames scratchNames,
      Settlement settlement,
      Backups backups,
      ShownTexts shown,
      DirectoryMarkers markers) {
    this.store = store;
    this.nodes = nodes;
    this.directories = directories;
    this.departures = departures;
    this.scratch = scratch;
    this.scratchNames = scratchNames;
    this.settlement = settlement;
    this.backups = backups;
    this.shown = shown;
    this.markers = markers;
    this.keyspace = store.keyspace();
  }

  Optional<Found> find(DirectoryNode directory, Bytes name) {
    return find(directory, name, directories::resolve);
  }

  /**
   * As {@link #find}, for who only looks: as the backend said a moment ago, but after every change
   * that is known of.
   */
  Optional<Found> lookAt(DirectoryNode directory, Bytes name) {
    return find(directory, name, directories::lookAt);
  }

  /** Whether what a name stands for is decided on this machine alone. */
  boolean isLocal(DirectoryNode directory, Bytes name) {
    Bytes stem = directory.keyStem();
    return scratch.find(stem, name).isPresent() || settlement.hides(stem, name);
  }

  private Optional<Found> find(
      DirectoryNode directory, Bytes name, BiFunction<Bytes, Bytes, Optional<Found>> resolve) {
    Bytes stem = directory.keyStem();
    Optional<Node> local = scratch.find(stem, name);
    if (local.isPresent() && !shown.isGone(local.get())) {
      return Optional.of(Found.of(new Entry.Key(name), local.get().identity()));
    }
    if (settlement.hides(stem, name)
        || (scratchNames.mayMatch(name) && !directories.mayResolve(stem, name))) {
      return Optional.empty();
    }
    return resolve.apply(stem, name);
  }

  /**
   * Everything in the directory, by inode: in that order programs look at what is in large
   * directories, whatever the order of the listing.
   */
  Entries list(DirectoryNode directory) {
    Bytes stem = directory.keyStem();
    Map<Bytes, Node> local = new HashMap<>(scratch.in(stem));
    local.values().removeIf(shown::isGone);
    Map<Bytes, Found> listed = listed(stem);
    List<DirectoryEntry> entries = new ArrayList<>(listed.size() + local.size());
    listed.forEach(
        (name, found) -> {
          if (!local.containsKey(name)) {
            FileKind kind = found.isDirectory() ? FileKind.DIRECTORY : FileKind.FILE;
            long inode = nodes.inodeOf(found.identity());
            entries.add(new DirectoryEntry(name, kind, inode, found.isCollection()));
          }
        });
    local.forEach((name, node) -> entries.add(new DirectoryEntry(name, node.kind(), node.inode())));
    entries.sort(Comparator.comparingLong(DirectoryEntry::inode));
    return new Entries(Collections.unmodifiableList(entries), directories.shortened(listed));
  }

  /** The directory is listed to somebody, who may look at what is in it next. */
  void listed(DirectoryNode directory, Entries entries) {
    directories.listed(directory.keyStem(), entries);
  }

  /** Whether nothing is in the directory. */
  boolean isEmpty(Bytes stem) {
    return scratch.in(stem).isEmpty() && listed(stem).isEmpty();
  }

  /** What the backend has in the directory, without names that are gone here. */
  private Map<Bytes, Found> listed(Bytes stem) {
    Set<Bytes> hiddenBefore = settlement.hidden(stem);
    Map<Bytes, Found> listed = directories.list(stem);
    for (Bytes name : hiddenBefore) {
      // One that is settled meanwhile was listed before that, perhaps.
      if (listed.containsKey(name)
          && (settlement.hides(stem, name) || directories.resolve(stem, name).isEmpty())) {
        listed.remove(name);
      }
    }
    settlement.hidden(stem).forEach(listed::remove);
    return listed;
  }

  Found require(DirectoryNode directory, Bytes name) {
    return required(directory, name, find(directory, name));
  }

  static Found required(DirectoryNode directory, Bytes name, Optional<Found> found) {
    return found.orElseThrow(
        () ->
            new FsException(
                FsError.NO_ENTRY, "There is no " + name + " below " + directory.keyStem() + "."));
  }

  /**
   * The node of a file that is there, unless the mode is exclusive, or of one that is created:
   * exclusively in the backend and at once, else here, until it is saved. Looked up once.
   */
  Node createOrLookUp(
      DirectoryNode directory, Bytes name, int permissions, OpenMode mode, Caller caller) {
    Optional<Found> existing = find(directory, name);
    if (existing.isPresent()) {
      if (mode.exclusive()) {
        throw taken(name);
      }
      requireNoDirectory(existing.get(), name);
      return nodes.lookUp(existing.get().identity());
    }
    if (scratchNames.match(name, mode) && !settlement.hides(directory.keyStem(), name)) {
      return createScratch(directory, name, permissions, caller);
    }
    return create(directory, name, permissions, mode, caller);
  }

  /** Removes a file; who has it open goes on with what it holds. */
  void removeFile(DirectoryNode directory, Bytes name, Caller caller) {
    Found found = require(directory, name);
    requireNoDirectory(found, name);
    Bytes stem = directory.keyStem();
    if (found.isScratch()) {
      removeScratch(stem, name);
      directory.contentChanged(store.now());
      return;
    }
    retain(stem);
    Optional<ProcessId> process = store.processes().of(caller.thread());
    if (found.identity() instanceof Identity.OfCell of) {
      remove(stem, name, of, process);
    } else {
      Bytes key = ((Identity.OfCollection) found.identity()).key();
      store.commit(Transaction.of(new Change.DeleteKey(key)));
      nodes.find(found.identity()).ifPresent(nodes::detach);
    }
    departures.left(stem, name, found, process);
    directory.contentChanged(store.now());
  }

  /** Removes a scratch file. */
  void removeScratch(Bytes stem, Bytes name) {
    Optional<Node> node = scratch.find(stem, name);
    if (node.isPresent()) {
      backups.removed(node.get());
      shown.removed(node.get());
      scratch.remove(stem, name);
    }
  }

  /**
   * What a name becomes that is free: what it was, if the caller has just taken it away, with the
   * TTL that it had; else what the rules for new files say.
   */
  Departure placeOfNew(Bytes stem, Bytes name, Optional<ProcessId> process) {
    Optional<Departure> before = departures.back(stem, name, process);
    if (before.isPresent()) {
      Cell cell = before.get().cell();
      Optional<Type> type = directories.typeOf(cell.key());
      if (type.isEmpty()) {
        return before.get();
      }
      if (type.get() == Type.HASH && cell instanceof Cell.FieldCell) {
        // The TTL is the hash's, which has it still.
        return new Departure(cell, Optional.empty());
      }
    }
    // What the process has seen under this name it saves as what it was.
    Optional<Cell> seen =
        directories.cellsOf(stem, name).stream()
            .filter(cell -> store.readings().of(process, cell).isPresent())
            .filter(cell -> canBe(cell))
            .findFirst();
    return new Departure(seen.orElseGet(() -> directories.newFile(stem, name)), Optional.empty());
  }

  private boolean canBe(Cell cell) {
    Optional<Type> type = directories.typeOf(cell.key());
    return type.isEmpty()
        || type.get() == (cell instanceof Cell.FieldCell ? Type.HASH : Type.STRING);
  }

  /** The node of a new directory, looked up once. */
  Node makeDirectory(DirectoryNode directory, Bytes name, int permissions, Caller caller) {
    if (find(directory, name).isPresent()) {
      throw taken(name);
    }
    Bytes parent = directory.keyStem();
    settlement.take(parent, name, Optional.empty());
    Bytes stem = keyspace.stem(parent, directories.newSegment(parent, name));
    switch (markers) {
      case KEYS -> createAtOnce(new Departure(Cell.string(stem), Optional.empty()), name);
      case LOCAL -> store.index().retain(stem);
    }
    Node node = nodes.lookUp(new Identity.OfDirectory(stem));
    node.created(permissions, caller, store.now());
    directory.contentChanged(store.now());
    return node;
  }

  void removeDirectory(DirectoryNode directory, Bytes name) {
    Found found = require(directory, name);
    if (!found.isDirectory()) {
      throw new FsException(FsError.NOT_DIRECTORY, name + " is not a directory.");
    }
    Bytes stem = ((Identity.OfDirectory) found.identity()).stem();
    if (!isEmpty(stem)) {
      throw notEmpty(name);
    }
    retain(directory.keyStem());
    removeMarker(stem, name);
    store.index().forget(stem);
    nodes.find(found.identity()).ifPresent(nodes::detach);
    directory.contentChanged(store.now());
  }

  /**
   * The directory stays, even if its last key is about to leave it. One with a marker stays anyway,
   * for everybody, and goes for everybody when anyone removes it.
   */
  void retain(Bytes stem) {
    if (!stem.equals(keyspace.root()) && !store.index().isMarked(stem)) {
      store.index().retain(stem);
    }
  }

  /** A symbolic link, looked up once. */
  Node makeSymlink(Bytes target, DirectoryNode directory, Bytes name, Caller caller) {
    if (find(directory, name).isPresent()) {
      throw taken(name);
    }
    if (!scratchNames.match(name)) {
      throw new FsException(
          FsError.NOT_PERMITTED,
          name + " cannot be a symbolic link; only names that stay on this machine can.");
    }
    retain(directory.keyStem());
    Node node = scratch.link(directory.keyStem(), name, target);
    node.created(0777, caller, store.now());
    directory.contentChanged(store.now());
    return nodes.lookUp(node.identity());
  }

  private Node createScratch(DirectoryNode directory, Bytes name, int permissions, Caller caller) {
    Bytes stem = directory.keyStem();
    retain(stem);
    ScratchNode node = scratch.create(stem, name);
    backups.begin(node, store.processes().of(caller.thread()));
    node.created(permissions, caller, store.now());
    directory.contentChanged(store.now());
    return nodes.lookUp(node.identity());
  }

  private FileNode create(
      DirectoryNode directory, Bytes name, int permissions, OpenMode mode, Caller caller) {
    Bytes stem = directory.keyStem();
    Optional<ProcessId> process = store.processes().of(caller.thread());
    Optional<Withheld.Entry> taken = settlement.take(stem, name, process);
    FileNode node =
        taken.isPresent()
            ? createAgain(taken.get(), mode, process)
            : createNew(stem, name, mode, process);
    node.created(permissions, caller, store.now());
    directory.contentChanged(store.now());
    return node;
  }

  private FileNode createNew(Bytes stem, Bytes name, OpenMode mode, Optional<ProcessId> process) {
    Departure place = placeOfNew(stem, name, process);
    directories.requireNoHash(place.cell());
    if (mode.exclusive()) {
      createAtOnce(place, name);
      process.ifPresent(
          p -> store.readings().saved(p, place.cell(), Set.of(), Version.of(Bytes.EMPTY)));
    }
    FileNode node = (FileNode) nodes.lookUp(new Identity.OfCell(place.cell()));
    if (!mode.exclusive()) {
      node.file()
          .locked(
              () -> {
                if (!node.file().isDirty()) {
                  node.file().created(mode, process, Version.ABSENT, place.expiry());
                }
              });
    }
    return node;
  }

  private FileNode createAgain(Withheld.Entry taken, OpenMode mode, Optional<ProcessId> process) {
    FileNode node = again(taken, process);
    node.file().locked(() -> node.file().created(mode, process, taken.version(), Optional.empty()));
    return node;
  }

  /** A new file in the place of one that is gone here, but not in the backend. Looked up once. */
  private FileNode again(Withheld.Entry taken, Optional<ProcessId> process) {
    Identity identity = new Identity.OfCell(taken.cell());
    nodes
        .find(identity)
        .map(FileNode.class::cast)
        .ifPresent(
            before -> {
              before
                  .file()
                  .locked(
                      () -> {
                        before.file().prepareToDetach();
                        before.file().detach(process);
                      });
              nodes.detach(before);
            });
    return (FileNode) nodes.lookUp(identity);
  }

  private void createAtOnce(Departure place, Bytes name) {
    Cell cell = place.cell();
    Transaction.Builder transaction =
        Transaction.builder().expect(cell, Version.ABSENT).put(cell, Bytes.EMPTY);
    store.expire(cell, place.expiry()).ifPresent(transaction::change);
    try {
      store.commit(transaction.build());
    } catch (ConflictException | WrongTypeException e) {
      throw taken(name);
    }
  }

  /** Removes a file for good, also if its process has it open; who has it open goes on. */
  void remove(Identity identity, Optional<ProcessId> process) {
    FileNode node = (FileNode) nodes.lookUp(identity);
    try {
      node.file()
          .locked(
              () -> {
                node.file().prepareToDetach();
                store.commit(Transaction.of(new Change.Delete(node.cell())));
                store.readings().removed(process, node.cell());
                node.file().detach(process);
                nodes.detach(node);
              });
    } finally {
      nodes.forget(node.id(), 1);
    }
  }

  private void remove(
      Bytes stem, Bytes name, Identity.OfCell identity, Optional<ProcessId> process) {
    FileNode node = (FileNode) nodes.lookUp(identity);
    try {
      if (process.isPresent() && backups.isPutBackSoon(identity.cell(), process.get())) {
        // The program has been told of a conflict, and removes what won for its backup's sake.
        settlement.withhold(
            stem, name, node, Version.ABSENT, process.get(), Withheld.Fate.STAY, Optional.empty());
        return;
      }
      node.file().locked(() -> remove(stem, name, node, process));
    } finally {
      nodes.forget(node.id(), 1);
    }
  }

  private void remove(Bytes stem, Bytes name, FileNode node, Optional<ProcessId> process) {
    OpenFile file = node.file();
    file.prepareToDetach();
    if (!file.existsOnlyHere()) {
      if (process.isPresent() && file.isOpenBy(process.get())) {
        // It may be about to make the file anew: then it was a save.
        Version version =
            store
                .readings()
                .of(process, node.cell())
                .map(Seen::version)
                .orElseGet(() -> store.backend().version(node.cell()));
        settlement.withhold(
            stem, name, node, version, process.get(), Withheld.Fate.REMOVE, Optional.empty());
      } else {
        store.commit(Transaction.of(new Change.Delete(node.cell())));
        store.readings().removed(process, node.cell());
      }
    } else {
      store.readings().removed(process, node.cell());
    }
    file.detach(process);
    nodes.detach(node);
  }

  private void removeMarker(Bytes stem, Bytes name) {
    Cell marker = Cell.string(stem);
    if (store.backend().describe(List.of(marker)).isEmpty()) {
      return;
    }
    try {
      store.commit(
          Transaction.builder()
              .expect(marker, Version.of(Bytes.EMPTY))
              .change(new Change.Delete(marker))
              .build());
    } catch (ConflictException e) {
      if (!e.found().isAbsent()) {
        throw notEmpty(name);
      }
    } catch (WrongTypeException e) {
      throw notEmpty(name);
    }
  }

  private static void requireNoDirectory(Found found, Bytes name) {
    if (found.isDirectory()) {
      throw new FsException(FsError.IS_DIRECTORY, name + " is a directory.");
    }
  }

  static FsException taken(Bytes name) {
    return new FsException(FsError.EXISTS, "The name " + name + " is taken.");
  }

  private static FsException notEmpty(Bytes name) {
    return new FsException(FsError.NOT_EMPTY, "The directory " + name + " is not empty.");
  }
}
