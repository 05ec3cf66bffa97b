package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Processes on two mounts and clients of Redis itself all read a number and save the next one,
 * again from the read on when they are told that somebody else was faster: none is lost.
 */
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class LostUpdatesIT {

  /** With {@code -Dredisfuse.all=true}, 2,000. */
  private static final int EACH = Saves.count(8, 2000);

  private static final int PROCESSES_OF_A_MOUNT = 4;
  private static final int CLIENTS = 2;

  /** What may be said to a process that lost: the conflict, nothing else. */
  private static final Set<String> CONFLICT = Set.of("EBUSY");

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private List<Mount> mounts;

  @BeforeEach
  void mountTwice() {
    redis = place.redis();
    mounts = List.of(place.mount(redis), place.mount(redis));
  }

  /** A string and a field at the same time. */
  @ParameterizedTest
  @ValueSource(strings = {"truncate", "in_place", "renamed", "renamed_scratch", "renamed_tilde"})
  void everyIncrementCounts(String way) {
    List<CellFile> files =
        Stream.of(CellFile.Kind.values()).map(kind -> kind.file("n-of-" + kind.name())).toList();
    redis.with(client -> files.forEach(file -> file.write(client, number(0))));

    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (CellFile file : files) {
      for (int client = 0; client < CLIENTS; client++) {
        all.add(inBackground(() -> incrementInRedis(file)));
      }
      all.add(inBackground(() -> incrementInMounts(file, way, EACH)));
    }
    all.forEach(CompletableFuture::join);

    for (CellFile file : files) {
      assertThat(file.read(redis))
          .as("%s", file)
          .isEqualTo(number((mounts.size() * PROCESSES_OF_A_MOUNT + CLIENTS) * EACH));
    }
    assertThat(redis.keyspace().keys().keySet().stream().map(Object::toString))
        .as("keys at the end")
        .containsExactlyInAnyOrderElementsOf(files.stream().map(CellFile::key).toList());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"truncate", "renamed_scratch"})
  void anotherFieldThatIsWrittenAtFullSpeedDoesNotStopThem(String way) {
    CellFile file = CellFile.Kind.FIELD.file("n");
    redis.with(client -> file.write(client, number(0)));
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> other = inBackground(() -> writeAnotherField(file.key(), done));

    try {
      incrementInMounts(file, way, EACH / 4);
    } finally {
      done.set(true);
      other.join();
    }

    assertThat(file.read(redis))
        .isEqualTo(number(mounts.size() * PROCESSES_OF_A_MOUNT * (EACH / 4)));
  }

  /** Ends when every process has had this many successes. */
  private void incrementInMounts(CellFile file, String way, int each) {
    Saves saves = new Saves(place);
    List<CompletableFuture<Shell.Outcome>> processes = new ArrayList<>();
    for (Mount mount : mounts) {
      for (int process = 0; process < PROCESSES_OF_A_MOUNT; process++) {
        processes.add(saves.start("increment", mount.resolve(file.name()), way, each));
      }
    }
    Set<String> failures = new TreeSet<>();
    Map<String, Integer> times = new TreeMap<>();
    for (CompletableFuture<Shell.Outcome> process : processes) {
      for (String line : process.join().requireSuccess().out().lines().toList()) {
        List<String> words = List.of(line.split(" "));
        switch (words.get(0)) {
          case "saved" -> times.merge(words.get(1), 1, Integer::sum);
          default -> failures.addAll(words.subList(1, words.size()));
        }
      }
    }
    times.values().removeIf(count -> count == 1);
    assertThat(times).as("numbers that were saved more than once").isEmpty();
    assertThat(CONFLICT).as("what processes that lost were told").containsAll(failures);
  }

  private void incrementInRedis(CellFile file) {
    try (Jedis client = redis.client()) {
      for (int successes = 0; successes < EACH; ) {
        client.watch(file.key());
        long next = Long.parseLong(file.read(client)) + 1;
        try (AbstractTransaction transaction = client.multi()) {
          file.write(transaction, number(next));
          successes += transaction.exec() == null ? 0 : 1;
        }
      }
    }
  }

  private void writeAnotherField(String key, AtomicBoolean done) {
    try (Jedis client = redis.client()) {
      for (int value = 0; !done.get(); ) {
        Pipeline pipeline = client.pipelined();
        for (int i = 0; i < 50; i++) {
          pipeline.hset(key, "other", String.valueOf(value++));
        }
        pipeline.sync();
      }
    }
  }

  private static CompletableFuture<Void> inBackground(Runnable action) {
    return CompletableFuture.runAsync(action, task -> new Thread(task, "rival").start());
  }

  /** As wide as {@code saves.py} writes it. */
  private static String number(long number) {
    return "%012d".formatted(number);
  }
}
