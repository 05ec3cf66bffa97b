package io.redisfuse.it;

import io.redisfuse.api.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Everything that a Redis database holds, but for TTLs: what it should hold, or does. */
record Keyspace(SortedMap<Bytes, Holding> keys) {

  /** What a key holds. */
  sealed interface Holding {

    /** A string. */
    record Text(Bytes value) implements Holding {}

    /** A hash. */
    record Hash(SortedMap<Bytes, Bytes> fields) implements Holding {}

    /** A list. */
    record Items(List<Bytes> values) implements Holding {}

    /** A set. */
    record Members(SortedSet<Bytes> values) implements Holding {}

    /** Any other type; its name and how many elements it has will do here. */
    record Other(String type, long size) implements Holding {}
  }

  static Keyspace empty() {
    return new Keyspace(new TreeMap<>());
  }

  Keyspace string(String key, String value) {
    return string(Bytes.utf8(key), Bytes.utf8(value));
  }

  Keyspace string(Bytes key, Bytes value) {
    keys.put(key, new Holding.Text(value));
    return this;
  }

  /** The keys that say that directories exist, which may be empty. */
  Keyspace markers(String... markers) {
    for (String marker : markers) {
      string(marker, "");
    }
    return this;
  }

  Keyspace field(String key, String field, String value) {
    return field(Bytes.utf8(key), Bytes.utf8(field), Bytes.utf8(value));
  }

  Keyspace field(Bytes key, Bytes field, Bytes value) {
    Holding.Hash hash =
        (Holding.Hash) keys.computeIfAbsent(key, absent -> new Holding.Hash(new TreeMap<>()));
    hash.fields().put(field, value);
    return this;
  }

  Keyspace list(String key, String... values) {
    keys.put(Bytes.utf8(key), new Holding.Items(Arrays.stream(values).map(Bytes::utf8).toList()));
    return this;
  }

  Keyspace set(String key, String... values) {
    keys.put(
        Bytes.utf8(key),
        new Holding.Members(new TreeSet<>(Arrays.stream(values).map(Bytes::utf8).toList())));
    return this;
  }

  /** What the key holds; null if it does not exist. */
  Holding get(String key) {
    return keys.get(Bytes.utf8(key));
  }

  /** One key a line, so that two keyspaces can be compared by eye. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    keys.forEach((key, holding) -> text.append('\n').append(key).append(" -> ").append(holding));
    return text.toString();
  }
}
