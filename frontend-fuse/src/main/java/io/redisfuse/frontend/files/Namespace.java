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
import io.redisfuse.frontend.names.Keyspace;
import java.util.List;
import java.util.Optional;

/**
 * What comes into being in a directory and what goes: files, collections and directories.
 *
 * <p>Called with the names' lock held, shared or exclusively.
 */
final class Namespace {

  private final Store store;
  private final NodeTable nodes;
  private final Directories directories;
  private final Departures departures;
  private final DirectoryMarkers markers;
  private final Keyspace keyspace;

  Namespace(
      Store store,
      NodeTable nodes,
      Directories directories,
      Departures departures,
      DirectoryMarkers markers) {
    this.store = store;
    this.nodes = nodes;
    this.directories = directories;
    this.departures = departures;
    this.markers = markers;
    this.keyspace = store.keyspace();
  }

  Optional<Found> find(DirectoryNode directory, Bytes name) {
    return directories.resolve(directory.keyStem(), name);
  }

  Found require(DirectoryNode directory, Bytes name) {
    return find(directory, name)
        .orElseThrow(
            () ->
                new FsException(
                    FsError.NO_ENTRY,
                    "There is no " + name + " below " + directory.keyStem() + "."));
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
    return create(directory, name, permissions, mode, caller);
  }

  /** Removes a file; who has it open goes on with what it holds. */
  void removeFile(DirectoryNode directory, Bytes name, Caller caller) {
    Found found = require(directory, name);
    requireNoDirectory(found, name);
    retain(directory.keyStem());
    if (found.identity() instanceof Identity.OfCell of) {
      remove(of);
    } else {
      Bytes key = ((Identity.OfCollection) found.identity()).key();
      store.commit(Transaction.of(new Change.DeleteKey(key)));
      nodes.find(found.identity()).ifPresent(nodes::detach);
    }
    departures.left(directory.keyStem(), name, found, caller);
    directory.contentChanged(store.now());
  }

  /**
   * What a name becomes that is free: what it was, if the caller has just taken it away, with the
   * TTL that it had; else what the rules for new files say.
   */
  Departure placeOfNew(Bytes stem, Bytes name, Caller caller) {
    Optional<Departure> before = departures.back(stem, name, caller);
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
    return new Departure(directories.newFile(stem, name), Optional.empty());
  }

  /** The node of a new directory, looked up once. */
  Node makeDirectory(DirectoryNode directory, Bytes name, int permissions, Caller caller) {
    if (find(directory, name).isPresent()) {
      throw taken(name);
    }
    Bytes parent = directory.keyStem();
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
    if (!directories.isEmpty(stem)) {
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

  private FileNode create(
      DirectoryNode directory, Bytes name, int permissions, OpenMode mode, Caller caller) {
    Departure place = placeOfNew(directory.keyStem(), name, caller);
    Cell cell = place.cell();
    directories.requireNoHash(cell);
    if (mode.exclusive()) {
      createAtOnce(place, name);
    }
    FileNode node = (FileNode) nodes.lookUp(new Identity.OfCell(cell));
    node.created(permissions, caller, store.now());
    if (!mode.exclusive()) {
      node.file()
          .locked(
              () -> {
                if (!node.file().isDirty()) {
                  node.file().created(mode, place.expiry());
                }
              });
    }
    directory.contentChanged(store.now());
    return node;
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

  private void remove(Identity.OfCell identity) {
    FileNode node = (FileNode) nodes.lookUp(identity);
    try {
      node.file()
          .locked(
              () -> {
                node.file().prepareToDetach();
                if (!node.file().isUnsaved()) {
                  store.commit(Transaction.of(new Change.Delete(identity.cell())));
                }
                node.file().detach();
                nodes.detach(node);
              });
    } finally {
      nodes.forget(node.id(), 1);
    }
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

  private static FsException taken(Bytes name) {
    return new FsException(FsError.EXISTS, "The name " + name + " is taken.");
  }

  private static FsException notEmpty(Bytes name) {
    return new FsException(FsError.NOT_EMPTY, "The directory " + name + " is not empty.");
  }
}
