package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Cell.FieldCell;
import io.redisfuse.api.Cell.StringCell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.Value.HashValue;
import io.redisfuse.backend.memory.Value.StringValue;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The next keyspace while it is made of the present one. It is thrown away if a change fails, which
 * is what makes a transaction all or nothing. Used by one thread.
 */
final class Edit {

  private final long now;
  private final Set<Bytes> changed = new LinkedHashSet<>();
  private Keyspace keyspace;

  /** Starts from {@code keyspace} without what has expired {@code now}. */
  Edit(Keyspace keyspace, long now) {
    this.keyspace = keyspace;
    this.now = now;
    keyspace.expired(now).forEach(this::remove);
  }

  Keyspace result() {
    return keyspace;
  }

  /** The keys that differ, or may, in the order of the changes. */
  Set<Bytes> changed() {
    return changed;
  }

  void apply(Transaction transaction) {
    transaction.expectations().forEach(this::require);
    transaction.changes().forEach(this::apply);
  }

  private void require(Expectation expectation) {
    Version found = content(expectation.cell()).map(Content::version).orElse(Version.ABSENT);
    if (!found.equals(expectation.version())) {
      throw new ConflictException(expectation.cell(), expectation.version(), found);
    }
  }

  private void apply(Change change) {
    if (change instanceof Change.Put put) {
      put(put.cell(), put.content());
    } else if (change instanceof Change.Patch patch) {
      patch(patch.cell(), patch.offset(), patch.content());
    } else if (change instanceof Change.Append append) {
      append(append.cell(), append.content());
    } else if (change instanceof Change.Delete delete) {
      content(delete.cell()).ifPresent(content -> remove(delete.cell()));
    } else if (change instanceof Change.DeleteKey delete) {
      find(delete.key()).ifPresent(entry -> remove(delete.key()));
    } else if (change instanceof Change.Move move) {
      move(move.from(), move.to());
    } else if (change instanceof Change.MoveKey move) {
      moveKey(move.from(), move.to());
    } else if (change instanceof Change.Expire expire) {
      find(expire.key()).ifPresent(entry -> replace(expire.key(), entry.living(expire.ttl(), now)));
    } else {
      throw new AssertionError("there is no other change than these: " + change);
    }
  }

  private void put(Cell cell, Bytes content) {
    requireRoom(cell, content.length());
    content(cell);
    set(cell, Content.of(content));
  }

  private void patch(Cell cell, long offset, Bytes part) {
    Content present = content(cell).orElse(Content.EMPTY);
    if (!part.isEmpty()) {
      requireRoom(cell, saturatedSum(offset, part.length()));
      set(cell, present.patched(offset, part));
    }
  }

  private void append(Cell cell, Bytes part) {
    Content present = content(cell).orElse(Content.EMPTY);
    requireRoom(cell, saturatedSum(present.size(), part.length()));
    set(cell, present.appended(part));
  }

  private static long saturatedSum(long offset, int length) {
    return offset > Long.MAX_VALUE - length ? Long.MAX_VALUE : offset + length;
  }

  private static void requireRoom(Cell cell, long size) {
    if (size > Content.LIMIT) {
      throw new RefusedException(
          RefusedException.Reason.TOO_LARGE,
          "The " + cell + " cannot hold " + size + " bytes: the limit is " + Content.LIMIT + ".",
          /* cause= */ null);
    }
  }

  private void move(Cell from, Cell to) {
    Content content = content(from).orElseThrow(() -> ConflictException.vanished(from));
    content(to);
    if (from.equals(to)) {
      return;
    }
    if (from instanceof StringCell && to instanceof StringCell) {
      moveKey(from.key(), to.key());
      return;
    }
    // In this order a hash of one field, which is renamed inside it, keeps its TTL.
    set(to, content);
    remove(from);
  }

  private void moveKey(Bytes from, Bytes to) {
    Entry entry = find(from).orElseThrow(() -> ConflictException.vanished(Cell.string(from)));
    if (!from.equals(to)) {
      remove(from);
      replace(to, entry);
    }
  }

  private Optional<Entry> find(Bytes key) {
    return keyspace.find(key, now);
  }

  private Optional<Content> content(Cell cell) {
    return keyspace.content(cell, now);
  }

  /** Sets a cell whose key holds the type that the cell needs, or nothing. */
  private void set(Cell cell, Content content) {
    Bytes key = cell.key();
    Optional<Entry> entry = find(key);
    Value value;
    if (cell instanceof FieldCell fieldCell) {
      HashValue hash = entry.map(held -> held.value().requireHash(key)).orElse(HashValue.EMPTY);
      value = new HashValue(hash.fields().with(fieldCell.field(), content));
    } else {
      value = new StringValue(content);
    }
    replace(key, entry.map(held -> held.with(value)).orElseGet(() -> Entry.ofEver(value)));
  }

  /** Removes a cell that exists. */
  private void remove(Cell cell) {
    Bytes key = cell.key();
    if (cell instanceof FieldCell fieldCell) {
      Entry entry = find(key).orElseThrow();
      SortedTree<Bytes, Content> rest =
          entry.value().requireHash(key).fields().without(fieldCell.field());
      if (!rest.isEmpty()) {
        replace(key, entry.with(new HashValue(rest)));
        return;
      }
    }
    remove(key);
  }

  private void remove(Bytes key) {
    changed.add(key);
    keyspace = keyspace.without(key);
  }

  /** Makes {@code key} hold {@code entry}, whatever it held. */
  void replace(Bytes key, Entry entry) {
    changed.add(key);
    keyspace = keyspace.with(key, entry);
  }
}
