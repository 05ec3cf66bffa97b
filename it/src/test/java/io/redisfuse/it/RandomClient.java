package io.redisfuse.it;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.XAddParams;

/**
 * A client that does random things to about three hundred keys of all types, in a small tree in
 * which some keys are directories, too. Connects anew when the server was away.
 */
final class RandomClient implements Callable<Void> {

  private static final String LETTERS = "abcdef";
  private static final long AWAY_MILLIS = 30_000;

  private final Redis redis;
  private final RandomGenerator random;
  private final int database;
  private final int operations;
  private final AtomicInteger doneByAll;

  /**
   * @param doneByAll counts what is done
   */
  RandomClient(
      Redis redis, RandomGenerator random, int database, int operations, AtomicInteger doneByAll) {
    this.redis = redis;
    this.random = random;
    this.database = database;
    this.operations = operations;
    this.doneByAll = doneByAll;
  }

  /** Does as many operations as it was told. */
  @Override
  public Void call() throws InterruptedException {
    int done = 0;
    long answered = System.nanoTime();
    while (done < operations) {
      try (Jedis client = redis.client()) {
        if (database != 0) {
          client.select(database);
        }
        while (done < operations) {
          step(client);
          done++;
          doneByAll.incrementAndGet();
          answered = System.nanoTime();
        }
      } catch (JedisConnectionException e) {
        if (System.nanoTime() - answered > AWAY_MILLIS * 1_000_000) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
    return null;
  }

  private void step(Jedis client) {
    try {
      change(client, random.nextInt(22));
    } catch (JedisDataException e) {
      String refusal = String.valueOf(e.getMessage());
      // Of a key that is of another type, or not there, or twice the same; of a server that has
      // just started.
      if (!refusal.matches(
          "(WRONGTYPE|ERR no such key|ERR value is not an|ERR source and dest|LOADING|CLUSTERDOWN).*")) {
        throw e;
      }
    }
  }

  private void change(Jedis client, int kind) {
    String key = key();
    switch (kind) {
      case 0, 1, 2 -> client.set(key, text());
      case 3 -> client.append(key, text());
      case 4 -> client.setrange(key, random.nextInt(5), text());
      case 5 -> client.incr(key);
      case 6, 7 -> client.hset(key, field(), text());
      case 8 -> client.hdel(key, field());
      case 9 -> client.rpush(key, text(), text());
      case 10 -> client.lpop(key);
      case 11 -> client.sadd(key, text());
      case 12 -> client.spop(key);
      case 13 -> client.zadd(key, random.nextInt(100), text());
      case 14 -> client.xadd(key, XAddParams.xAddParams(), Map.of(field(), text()));
      case 15 -> client.rename(key, key());
      case 16 -> client.copy(key, key(), true);
      case 17 -> client.pexpire(key, random.nextInt(1, 100));
      case 18 -> client.unlink(key, key());
      case 19 -> client.del(key);
      case 20 -> together(client, key);
      case 21 -> client.eval("redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], 's')", 1, key);
      default -> throw new IllegalArgumentException("no such change: " + kind);
    }
  }

  private void together(Jedis client, String key) {
    try (Transaction transaction = client.multi()) {
      transaction.del(key);
      transaction.hset(key, field(), text());
      transaction.set(key(), text());
      transaction.exec();
    }
  }

  /** One to three segments: six, eighteen times six, or thirty-six times five and more of them. */
  private String key() {
    String first = letter(6);
    return switch (random.nextInt(6)) {
      case 0 -> first;
      case 1, 2 -> first + ":" + letter(6) + random.nextInt(2);
      default -> first + ":" + letter(6) + ":" + random.nextInt(6);
    };
  }

  private String letter(int bound) {
    int at = random.nextInt(bound);
    return LETTERS.substring(at, at + 1);
  }

  private String field() {
    return "f" + random.nextInt(4);
  }

  private String text() {
    return Integer.toString(random.nextInt(1_000_000), 36).repeat(random.nextInt(1, 6));
  }
}
