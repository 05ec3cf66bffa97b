package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.redis.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * After long mixed work, with rivals in Redis, the daemon holds no more than after a while of the
 * same work, the mount is what the database is, and nothing is left of it in the end. {@code
 * -Dredisfuse.soak=PT10M} says for how long, {@code -Dredisfuse.seed=N} makes the same choices
 * again.
 */
class SoakIT {

  private static final Duration SOAK =
      Duration.parse(System.getProperty("redisfuse.soak", "PT10S"));

  /** What is warm is measured after that share of it, and after this at most. */
  private static final int WARM_SHARE = 3;

  private static final Duration MOST_WARM = Duration.ofMinutes(1);

  /** How long it may take until what is not needed any more has gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration WITHHELD = Duration.ofSeconds(100);

  /**
   * What may be more: on the heap, what is remembered for a while of what there was; nodes of names
   * that nobody has looked at in the warm-up, of which there are about as many, since a file's is
   * kept for a while; connections, and threads of the JVM.
   */
  private static final Footprint TOLERANCE = new Footprint(4 << 20, 500, 4, 4);

  private static final int WORKERS = 3;
  private static final int SAVES_OF_A_PROCESS = 20;
  private static final int RIVALS_CHANGES = 50;

  @RegisterExtension final Workplace place = new Workplace();

  private final long seed = Long.getLong("redisfuse.seed", System.nanoTime());
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicInteger changed = new AtomicInteger();
  private final AtomicInteger processes = new AtomicInteger();
  private Redis redis;
  private Mount mount;
  private Saves saves;
  private Witness remover;

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void nothingGrowsAndNothingIsLeft(TestInfo info) throws Exception {
    System.out.println("SoakIT: -Dredisfuse.seed=" + seed);
    redis = place.redis();
    redis.with(
        client -> {
          for (int directory = 0; directory < SoakWorker.DIRECTORIES; directory++) {
            client.set("work:d" + directory + ":keep", "kept");
          }
        });
    mount = place.mount(redis);
    saves = new Saves(place);
    remover = Witness.start(place);
    Duration share = SOAK.dividedBy(WARM_SHARE);
    Duration warmUp = share.compareTo(MOST_WARM) < 0 ? share : MOST_WARM;

    work(warmUp);
    Footprint warm = settle(Optional.empty());
    work(SOAK.minus(warmUp));
    Footprint now = settle(Optional.of(warm));

    new Figures(
            Figures.nameOf(info),
            done.get() - failed.get(),
            failed.get(),
            /* unknown= */ 0,
            Duration.ZERO,
            Duration.ZERO)
        .write();
    System.out.printf(
        "SoakIT: %s: %d operations, of which %d failed; %d changes by rivals; %d processes that saved%n",
        SOAK, done.get(), failed.get(), changed.get(), processes.get());
    System.out.printf("SoakIT: after the warm-up of %s: %s%n", warmUp, warm);
    System.out.printf("SoakIT: in the end: %s%n", now);
    assertThat(now.isWithin(warm, TOLERANCE))
        .withFailMessage("It has grown from %s to %s", warm, now)
        .isTrue();
    mount.unmount();
    // A text and a record of each: those that are not shown in the mount, since they are too many.
    assertThat(filesIn(place.home().resolve("state"))).hasSize(2 * place.keptTexts().size());
  }

  private void work(Duration duration) throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> all = new ArrayList<>();
    try {
      for (int i = 0; i < WORKERS; i++) {
        all.add(
            threads.submit(
                new SoakWorker(mount.path(), "w" + i, generator(), remover, ended, done, failed)));
      }
      all.add(threads.submit(until(ended, this::changeWhatIsWorkedOn)));
      all.add(threads.submit(until(ended, this::changeOtherThings)));
      all.add(threads.submit(until(ended, this::saveAsEditorsDo)));
      Thread.sleep(duration.toMillis());
      ended.set(true);
      for (Future<?> each : all) {
        each.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  @FunctionalInterface
  private interface Turn {
    void take(RandomGenerator choices) throws Exception;
  }

  private Callable<Void> until(AtomicBoolean ended, Turn turn) {
    RandomGenerator choices = generator();
    return () -> {
      while (!ended.get()) {
        turn.take(choices);
      }
      return null;
    };
  }

  private void changeWhatIsWorkedOn(RandomGenerator choices) throws InterruptedException {
    try (Jedis client = redis.client()) {
      for (int i = 0; i < RIVALS_CHANGES; i++) {
        String key = key(choices);
        switch (choices.nextInt(4)) {
          case 0, 1 -> client.set(key, "rival's " + choices.nextInt(1_000_000));
          case 2 -> client.append(key, "rival's");
          default -> client.del(key);
        }
        changed.incrementAndGet();
        Thread.sleep(2);
      }
    }
  }

  private void changeOtherThings(RandomGenerator choices) throws InterruptedException {
    RandomGenerator own = RandomGeneratorFactory.of("L64X128MixRandom").create(choices.nextLong());
    new RandomClient(redis, own, 0, RIVALS_CHANGES, changed).call();
    Thread.sleep(50);
  }

  private void saveAsEditorsDo(RandomGenerator choices) {
    String way = Saves.WAYS.get(choices.nextInt(Saves.WAYS.size()));
    // Makes a new name for each save.
    if (!way.equals("renamed")) {
      Path file = mount.resolve(key(choices).replace(':', '/'));
      // What failed is what rivals are for.
      saves
          .start("tokens", file, way, SAVES_OF_A_PROCESS, "t" + processes.incrementAndGet())
          .join();
    }
  }

  private static String key(RandomGenerator choices) {
    return SoakWorker.key(
        choices.nextInt(SoakWorker.DIRECTORIES), choices.nextInt(SoakWorker.FILES));
  }

  private RandomGenerator generator() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong());
  }

  /**
   * Takes away what is not in the database, the kept texts that are shown above all, and compares;
   * then has the kernel forget everything, and waits until the daemon holds no more than before.
   */
  private Footprint settle(Optional<Footprint> before) throws Exception {
    awaitNoTimeToLive();
    place
        .shell(mount)
        .run(
            "find . -type f '(' -name '*~' -o -name '*.conflict-*' -o -name 'sed??????' ')' -delete");
    long start = System.nanoTime();
    awaitEqual();
    System.out.printf("SoakIT: equal after %.1f s%n", (System.nanoTime() - start) / 1e9);
    long end = System.nanoTime() + PATIENCE.toNanos();
    Footprint now;
    do {
      Superuser.dropCaches(place.shell());
      // Threads that have nothing to do go when they have had nothing to do for a while.
      for (int i = 0; i < 40; i++) {
        Thread.sleep(50);
        Files.exists(mount.resolve("nothing" + i % 2));
      }
      now = Footprint.of(mount.daemon(), place.shell());
    } while (System.nanoTime() < end
        && before.isPresent()
        && !now.isWithin(before.get(), TOLERANCE));
    return now;
  }

  /**
   * A file that a process takes away while it has it open, and that goes on, is withheld from the
   * mount for a minute, since that may be the first half of a save.
   */
  private void awaitEqual() {
    TreeChecker checker = new TreeChecker(mount, redis);
    await("the mount is what the database is, with seed " + seed)
        .atMost(WITHHELD)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(checker.differences()).isEmpty());
  }

  /** Of marks of commits nothing is seen in the mount. */
  private void awaitNoTimeToLive() throws InterruptedException {
    Pattern expires = Pattern.compile("expires=(\\d+)");
    try (Jedis client = redis.client()) {
      while (true) {
        int marks = client.keys(Redis.MARKS + "*").size();
        Matcher said = expires.matcher(client.info("keyspace"));
        if (!said.find() || Integer.parseInt(said.group(1)) <= marks) {
          return;
        }
        Thread.sleep(20);
      }
    }
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
