package io.redisfuse.it.bench.live;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Overwrites random keys of a server at a steady rate, on a thread and connection of its own. */
final class Writer implements AutoCloseable {

  static final int KEYS = 100_000;

  private static final int PER_SECOND = 50_000;
  private static final int BATCH = 500;
  private static final long BATCH_NANOS = 1_000_000_000L * BATCH / PER_SECOND;
  private static final String VALUE = "v".repeat(60);

  private final Jedis client;
  private final Thread thread = new Thread(this::run, "storm");
  private final long started = System.nanoTime();

  private final AtomicLong written = new AtomicLong();

  private volatile boolean ended;

  private Writer(Jedis client) {
    this.client = client;
  }

  static Writer on(Server server) {
    Writer writer = new Writer(server.client());
    writer.thread.start();
    return writer;
  }

  static String key(int number) {
    return "storm:" + number;
  }

  /** All keys that there are, so that a storm only changes them. */
  static void fill(Server server) {
    try (Jedis client = server.client();
        Pipeline pipeline = client.pipelined()) {
      for (int i = 0; i < KEYS; i++) {
        pipeline.set(key(i), VALUE);
      }
    }
  }

  private void run() {
    SplittableRandom random = new SplittableRandom(1);
    long due = System.nanoTime();
    while (!ended) {
      try (Pipeline pipeline = client.pipelined()) {
        for (int i = 0; i < BATCH; i++) {
          pipeline.set(key(random.nextInt(KEYS)), VALUE + random.nextInt(1000));
        }
      }
      written.addAndGet(BATCH);
      due += BATCH_NANOS;
      long early = due - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(early);
      }
    }
  }

  /** How many it has written in a second, so far. */
  double perSecond() {
    return written.get() * 1e9 / (System.nanoTime() - started);
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
