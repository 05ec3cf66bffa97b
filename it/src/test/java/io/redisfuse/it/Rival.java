package io.redisfuse.it;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.Jedis;

/** Another client of Redis, which does something to a cell that holds {@link #BEFORE}. */
enum Rival {
  /** Sets it. */
  SET {
    @Override
    void act(Jedis client, CellFile file) {
      file.write(client, THEIRS);
    }
  },
  /** Deletes it. */
  DELETE {
    @Override
    void act(Jedis client, CellFile file) {
      file.delete(client);
    }
  },
  /** Adds something at its end. */
  APPEND {
    @Override
    void act(Jedis client, CellFile file) {
      if (file.field().isPresent()) {
        file.write(client, BEFORE + MORE);
      } else {
        client.append(file.key(), MORE);
      }
    }
  },
  /** Renames another key to the cell's. */
  RENAME {
    @Override
    void act(Jedis client, CellFile file) {
      String other = "rival-of-" + file.key();
      if (file.field().isPresent()) {
        client.hset(other, Map.of(file.field().get(), THEIRS, "other", "rival's"));
      } else {
        client.set(other, THEIRS);
      }
      client.rename(other, file.key());
    }
  },
  /** Lets the key expire, and waits until it has. */
  EXPIRE {
    @Override
    void act(Jedis client, CellFile file) {
      client.pexpire(file.key(), 1);
      await("the key has expired")
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> !client.exists(file.key()));
    }
  };

  static final String BEFORE = "first\n";
  private static final String THEIRS = "rival's\n";
  private static final String MORE = "more\n";

  abstract void act(Jedis client, CellFile file);

  /** What the cell holds then, if it still exists. */
  Optional<String> result() {
    return switch (this) {
      case SET, RENAME -> Optional.of(THEIRS);
      case APPEND -> Optional.of(BEFORE + MORE);
      case DELETE, EXPIRE -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    return switch (this) {
      case SET -> "a rival that sets it";
      case DELETE -> "a rival that deletes it";
      case APPEND -> "a rival that appends to it";
      case RENAME -> "a rival that renames another key over it";
      case EXPIRE -> "an expiry";
    };
  }
}
