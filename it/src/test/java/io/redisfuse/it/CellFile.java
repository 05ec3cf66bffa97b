package io.redisfuse.it;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Optional;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.Jedis;

/**
 * A file in a mount, and the cell that it shows.
 *
 * @param name the file's, in the mount
 * @param field of the hash; empty if the key is a string
 */
record CellFile(String name, String key, Optional<String> field) {

  /** What a cell can be. */
  enum Kind {
    STRING,
    FIELD;

    /** The file with this name, which has no dot; a field of it is called {@code text}. */
    CellFile file(String name) {
      return switch (this) {
        case STRING -> new CellFile(name, name, Optional.empty());
        case FIELD -> new CellFile(name + ".text", name, Optional.of("text"));
      };
    }

    @Override
    public String toString() {
      return switch (this) {
        case STRING -> "a string";
        case FIELD -> "a field";
      };
    }
  }

  /** The cell. */
  Cell cell() {
    return field
        .map(name -> (Cell) Cell.field(Bytes.utf8(key), Bytes.utf8(name)))
        .orElseGet(() -> Cell.string(Bytes.utf8(key)));
  }

  /** The cell's value; null if it is not there. */
  String read(Jedis client) {
    return field.isPresent() ? client.hget(key, field.get()) : client.get(key);
  }

  /** The cell's value; null if it is not there. */
  String read(Redis redis) {
    try (Jedis client = redis.client()) {
      return read(client);
    }
  }

  /** Sets the value; a string loses its TTL. */
  void write(Jedis client, String value) {
    if (field.isPresent()) {
      client.hset(key, field.get(), value);
    } else {
      client.set(key, value);
    }
  }

  /** Sets the value when the transaction is executed. */
  void write(AbstractTransaction transaction, String value) {
    if (field.isPresent()) {
      transaction.hset(key, field.get(), value);
    } else {
      transaction.set(key, value);
    }
  }

  /** Removes the cell, and not the hash's other fields. */
  void delete(Jedis client) {
    if (field.isPresent()) {
      client.hdel(key, field.get());
    } else {
      client.del(key);
    }
  }

  /** What Redis calls the type of the key. */
  String type() {
    return field.isPresent() ? "hash" : "string";
  }
}
