package io.redisfuse.it.bench.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** How a number of cells lies in a keyspace. */
enum Shape {
  FLAT("strings key:N, in one directory") {
    @Override
    String key(int cell) {
      return "key:" + cell;
    }

    @Override
    Optional<String> listed() {
      return Optional.empty();
    }
  },

  DIRECTORIES("strings directory:N:M, in 100 directories") {
    @Override
    String key(int cell) {
      return "directory:" + cell % 100 + ":" + cell / 100;
    }

    @Override
    Optional<String> listed() {
      return Optional.of("directory/0");
    }
  },

  HASHES("fields, 100 in each hash hash:N:M, in 100 directories") {
    @Override
    String key(int cell) {
      int hash = cell / FIELDS;
      return "hash:" + hash % 100 + ":" + hash / 100;
    }

    @Override
    Optional<String> field(int cell) {
      return Optional.of("field" + cell % FIELDS);
    }

    @Override
    Optional<String> listed() {
      return Optional.of("hash/0");
    }
  };

  /** Any multiple of so many cells fills all directories and hashes of each shape alike. */
  static final int UNIT = 10_000;

  private static final int FIELDS = 100;
  private static final int BATCH = 1_000;
  private static final String VALUE = "v".repeat(64);

  private final String description;

  Shape(String description) {
    this.description = description;
  }

  abstract String key(int cell);

  Optional<String> field(int cell) {
    return Optional.empty();
  }

  /** A directory with a hundredth of the cells. */
  abstract Optional<String> listed();

  String description() {
    return description;
  }

  void fill(Jedis client, int cells) {
    for (int start = 0; start < cells; start += BATCH) {
      try (Pipeline pipeline = client.pipelined()) {
        for (int cell = start; cell < Math.min(cells, start + BATCH); cell++) {
          String key = key(cell);
          field(cell)
              .ifPresentOrElse(
                  field -> pipeline.hset(key, field, VALUE), () -> pipeline.set(key, VALUE));
        }
      }
    }
  }

  /** How many keys so many cells are. */
  long keys(int cells) {
    return IntStream.range(0, cells).mapToObj(this::key).distinct().count();
  }

  /** How many bytes these keys have. */
  long keyBytes(int cells) {
    return IntStream.range(0, cells)
        .mapToObj(this::key)
        .distinct()
        .mapToLong(key -> key.getBytes(UTF_8).length)
        .sum();
  }
}
