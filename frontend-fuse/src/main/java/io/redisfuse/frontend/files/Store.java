package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.LiveIndex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The backend as the file rules use it: the only way to commit, which keeps the index in step, and
 * the files that were created but exist on this machine only, until their first save.
 *
 * <p>Safe for threads; holds no lock while it calls the backend.
 */
final class Store {

  private final Backend backend;
  private final LiveIndex index;
  private final Keyspace keyspace;
  private final Durability durability;
  private final InstantSource clock;
  private final RejectedContents rejected;
  private final Set<FileNode> unsaved = ConcurrentHashMap.newKeySet();

  Store(
      Backend backend,
      LiveIndex index,
      Keyspace keyspace,
      Durability durability,
      InstantSource clock,
      RejectedContents rejected) {
    this.backend = backend;
    this.index = index;
    this.keyspace = keyspace;
    this.durability = durability;
    this.clock = clock;
    this.rejected = rejected;
  }

  Backend backend() {
    return backend;
  }

  LiveIndex index() {
    return index;
  }

  Keyspace keyspace() {
    return keyspace;
  }

  RejectedContents rejected() {
    return rejected;
  }

  Instant now() {
    return clock.instant();
  }

  /** Commits, and tells the index what it did. */
  void commit(Transaction transaction) {
    long stamp = index.stamp();
    backend.commit(transaction);
    for (Change change : transaction.changes()) {
      tellIndex(change, stamp);
    }
  }

  /**
   * The change that lets the cell's key expire when it would have, if ever. One that would have
   * expired by now does not expire any more: the content is newer than that.
   */
  Optional<Change.Expire> expire(Cell cell, Optional<Instant> expiry) {
    return expiry
        .map(at -> Duration.between(now(), at))
        .filter(left -> left.toMillis() > 0)
        .map(left -> new Change.Expire(cell.key(), Optional.of(left)));
  }

  /** Waits until what was committed is as durable as the mount was asked to make it. */
  void sync() {
    backend.sync(durability);
  }

  /** Files that were created here and were not saved yet. */
  Set<FileNode> unsaved() {
    return unsaved;
  }

  private void tellIndex(Change change, long stamp) {
    if (change instanceof Change.Put put) {
      if (put.cell() instanceof Cell.StringCell string
          && put.content().isEmpty()
          && keyspace.mayBeMarker(string.key())) {
        index.marker(string.key(), stamp);
      } else {
        present(put.cell(), stamp);
      }
    } else if (change instanceof Change.Append append) {
      present(append.cell(), stamp);
    } else if (change instanceof Change.Patch patch) {
      present(patch.cell(), stamp);
    } else if (change instanceof Change.Delete delete) {
      removed(delete.cell(), stamp);
    } else if (change instanceof Change.DeleteKey delete) {
      index.absent(delete.key(), stamp);
    } else if (change instanceof Change.Move move) {
      removed(move.from(), stamp);
      present(move.to(), stamp);
    } else if (change instanceof Change.MoveKey move) {
      index.absent(move.from(), stamp);
      index.doubt(move.to());
    }
  }

  private void present(Cell cell, long stamp) {
    Bytes key = cell.key();
    if (cell instanceof Cell.FieldCell) {
      index.present(key, Type.HASH, stamp);
    } else if (keyspace.mayBeMarker(key)) {
      index.doubt(key);
    } else {
      index.present(key, Type.STRING, stamp);
    }
  }

  private void removed(Cell cell, long stamp) {
    if (cell instanceof Cell.StringCell) {
      index.absent(cell.key(), stamp);
    } else {
      // The hash may have gone with its last field.
      index.doubt(cell.key());
    }
  }
}
