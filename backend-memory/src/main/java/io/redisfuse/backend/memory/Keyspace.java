package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Cell.FieldCell;
import io.redisfuse.api.WrongTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiPredicate;

/**
 * All keys at one moment. Immutable.
 *
 * <p>Expired keys stay in it until a commit takes them out, so every look at it says which time it
 * is, in milliseconds of the epoch.
 */
final class Keyspace {

  static final Keyspace EMPTY = new Keyspace(SortedTree.empty(), SortedTree.empty());

  private final SortedTree<Bytes, Entry> entries;

  /** The keys that expire, by the time when they do. */
  private final SortedTree<Deadline, Bytes> deadlines;

  private Keyspace(SortedTree<Bytes, Entry> entries, SortedTree<Deadline, Bytes> deadlines) {
    this.entries = entries;
    this.deadlines = deadlines;
  }

  Optional<Entry> find(Bytes key, long now) {
    return entries.get(key).filter(entry -> entry.livesAt(now));
  }

  /**
   * What a cell holds, if it exists.
   *
   * @throws WrongTypeException if its key holds another type
   */
  Optional<Content> content(Cell cell, long now) {
    Bytes key = cell.key();
    Optional<Value> value = find(key, now).map(Entry::value);
    if (cell instanceof FieldCell fieldCell) {
      return value.flatMap(held -> held.requireHash(key).fields().get(fieldCell.field()));
    }
    return value.map(held -> held.requireString(key).content());
  }

  /** Visits the keys that start with {@code prefix}, expired ones too, until told to stop. */
  void visit(Bytes prefix, BiPredicate<Bytes, Entry> visitor) {
    entries.visitFrom(prefix, (key, entry) -> key.startsWith(prefix) && visitor.test(key, entry));
  }

  Keyspace with(Bytes key, Entry entry) {
    SortedTree<Deadline, Bytes> others = deadlinesWithout(key);
    return new Keyspace(
        entries.with(key, entry),
        entry.expires() ? others.with(new Deadline(entry.expiresAt(), key), key) : others);
  }

  Keyspace without(Bytes key) {
    return new Keyspace(entries.without(key), deadlinesWithout(key));
  }

  private SortedTree<Deadline, Bytes> deadlinesWithout(Bytes key) {
    return entries
        .get(key)
        .filter(Entry::expires)
        .map(entry -> deadlines.without(new Deadline(entry.expiresAt(), key)))
        .orElse(deadlines);
  }

  /** When the next key expires. */
  OptionalLong nextDeadline() {
    return deadlines.first().map(first -> OptionalLong.of(first.at)).orElse(OptionalLong.empty());
  }

  /** The keys that have expired and are still here. */
  List<Bytes> expired(long now) {
    List<Bytes> expired = new ArrayList<>();
    deadlines.visit((deadline, key) -> deadline.at <= now && expired.add(key));
    return expired;
  }

  private record Deadline(long at, Bytes key) implements Comparable<Deadline> {
    @Override
    public int compareTo(Deadline other) {
      int order = Long.compare(at, other.at);
      return order != 0 ? order : key.compareTo(other.key);
    }
  }
}
