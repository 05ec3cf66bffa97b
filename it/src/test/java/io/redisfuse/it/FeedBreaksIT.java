package io.redisfuse.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * Clients change everything at random, somebody looks at the mount at random so that it has much to
 * remember, and something comes between: afterwards the mount is what the database is. {@code
 * -Dredisfuse.seed=N} makes the same choices again.
 */
class FeedBreaksIT {

  private static final int CLIENTS = 4;
  private static final boolean THOROUGH = Boolean.getBoolean("redisfuse.all");
  private static final int ROUNDS = THOROUGH ? 5 : 1;
  private static final int OPERATIONS = THOROUGH ? 100_000 : 10_000;

  /** Before something comes between and while it does, and as many again afterwards. */
  private static final int OF_EACH_CLIENT =
      OPERATIONS / ROUNDS / FeedBreak.values().length / CLIENTS / 2;

  private static final Duration PATIENCE = Duration.ofSeconds(100);

  @RegisterExtension final Workplace place = new Workplace();

  private final long seed = Long.getLong("redisfuse.seed", System.nanoTime());
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);

  @TestFactory
  Stream<DynamicTest> theMountIsWhatTheDatabaseIsAfter() {
    System.out.println("FeedBreaksIT: -Dredisfuse.seed=" + seed);
    Redis redis = place.redis();
    Mount mount = place.mount(redis, "--timeout", "2s").expectingErrors();
    ExecutorService threads = Executors.newCachedThreadPool();
    place.onClose(
        () -> {
          threads.shutdownNow();
          threads.awaitTermination(30, TimeUnit.SECONDS);
        });
    return IntStream.rangeClosed(1, ROUNDS)
        .boxed()
        .flatMap(
            round ->
                Stream.of(FeedBreak.values())
                    .filter(comes -> comes != FeedBreak.SWAPDB || !Redis.isCluster())
                    .map(
                        comes ->
                            DynamicTest.dynamicTest(
                                comes + ", round " + round,
                                () -> requireEqualAfter(comes, redis, mount, threads))));
  }

  private void requireEqualAfter(FeedBreak comes, Redis redis, Mount mount, ExecutorService threads)
      throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    List<Future<?>> lookers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        RandomGenerator choices = generator();
        lookers.add(
            threads.submit(
                () -> {
                  while (!ended.get()) {
                    look(mount.path(), choices);
                  }
                }));
      }
      // What would come into our database.
      if (!Redis.isCluster()) {
        new RandomClient(redis, generator(), 1, OF_EACH_CLIENT / 2, new AtomicInteger()).call();
      }
      AtomicInteger done = new AtomicInteger();
      List<Future<?>> clients = start(redis, threads, done);
      await().atMost(PATIENCE).until(() -> done.get() > CLIENTS * OF_EACH_CLIENT / 4);
      comes.happen(redis);
      join(clients);
      // So that there is something to see that came to be after it.
      join(start(redis, threads, done));
      // Nothing changes any more once all that is to expire has done so.
      awaitNoTimeToLive(redis);
    } finally {
      ended.set(true);
    }
    join(lookers);
    Duration took =
        new TreeChecker(mount, redis).requireEqual("after " + comes + ", with seed " + seed);
    System.out.printf(
        "FeedBreaksIT: %d keys, equal %d ms after %s%n",
        redis.keyspace().keys().size(), took.toMillis(), comes);
  }

  private List<Future<?>> start(Redis redis, ExecutorService threads, AtomicInteger done) {
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(threads.submit(new RandomClient(redis, generator(), 0, OF_EACH_CLIENT, done)));
    }
    return clients;
  }

  private static void join(List<Future<?>> threads) throws Exception {
    for (Future<?> thread : threads) {
      thread.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private RandomGenerator generator() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong());
  }

  private static void awaitNoTimeToLive(Redis redis) throws InterruptedException {
    try (Jedis client = redis.client()) {
      while (client
          .info("keyspace")
          .lines()
          .anyMatch(line -> line.matches("db0:.*expires=[1-9].*"))) {
        Thread.sleep(20);
      }
    }
  }

  /** Walks down at random, and asks for the size or the content of what it finds there. */
  private static void look(Path directory, RandomGenerator random) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(children::add);
      if (!children.isEmpty()) {
        Path child = children.get(random.nextInt(children.size()));
        if (Files.isDirectory(child)) {
          look(child, random);
        } else if (random.nextBoolean()) {
          Files.size(child);
        } else {
          Files.readAllBytes(child);
        }
        Files.exists(directory.resolve("a" + random.nextInt(2)));
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It has gone meanwhile, or the server is away.
    }
  }
}
