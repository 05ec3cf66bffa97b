package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * A save that succeeded was written to Redis, once; a save that failed never was, and its text is
 * kept: by what Redis itself says it executed, with rivals at the same file, for every way of
 * saving.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class HonestSavesIT {

  /** Of all ways together; with {@code -Dredisfuse.all=true}, 10,000. */
  private static final int SAVES = Saves.count(1_600, 10_000);

  private static final int MOUNTS = 2;
  private static final String APPENDED = "appended";

  /**
   * Two of them on one mount are in each other's way: their backups have the same name, or they
   * share memory.
   */
  private static final Set<String> ALONE = Set.of("vim", "vim_copying", "emacs", "joe", "mapped");

  private static final Pattern TOKEN = Pattern.compile("token\\d-\\d{6}_+");
  private static final int WIDTH = 40;

  @RegisterExtension final Workplace place = new Workplace();

  /**
   * One file, saved in one way.
   *
   * @param outcomes each token and what became of it
   */
  private record Work(String way, CellFile file, Map<String, String> outcomes) {}

  private static List<String> ways() {
    List<String> ways = new ArrayList<>(Saves.WAYS);
    ways.add(APPENDED);
    return ways;
  }

  /** The work is done first, then Redis and the kept texts are looked at, with nothing mounted. */
  @TestFactory
  Stream<DynamicTest> anErrorMeansNotAppliedAndASuccessMeansApplied() {
    Redis redis = place.redis();
    List<Mount> mounts = Stream.generate(() -> place.mount(redis)).limit(MOUNTS).toList();
    Monitor monitor = place.monitor(redis);
    Saves saves = new Saves(place);
    List<Work> works = new ArrayList<>();
    for (String way : ways()) {
      for (CellFile.Kind kind : CellFile.Kind.values()) {
        CellFile file = kind.file("page" + works.size());
        works.add(new Work(way, file, saveWithRivals(redis, mounts, saves, file, way)));
      }
    }
    mounts.forEach(Mount::unmount);
    List<Monitor.Command> commands = monitor.commands();
    String kept = String.join("\n", place.keptContents());
    return works.stream()
        .map(
            work ->
                dynamicTest(
                    work.way() + ", " + work.file().name(),
                    () -> requireHonest(work, writesOfTokens(commands, work.file()), kept)));
  }

  private static void requireHonest(Work work, Map<String, Integer> writes, String kept) {
    List<String> wrong = new ArrayList<>();
    work.outcomes()
        .forEach(
            (token, outcome) -> {
              int times = writes.getOrDefault(token, 0);
              if (times != (outcome.equals("ok") ? 1 : 0)) {
                wrong.add(token + " " + outcome + ", but was written " + times + " times");
              }
              if (outcome.startsWith("written ") && !kept.contains(token)) {
                wrong.add(token + " " + outcome + ", but is not kept");
              }
            });
    assertThat(wrong).as("what is not as the process was told").isEmpty();
    assertThat(work.outcomes().values()).as("outcomes").contains("ok");
    if (!work.way().equals(APPENDED)) {
      assertThat(work.outcomes().values()).anyMatch(outcome -> !outcome.equals("ok"));
    }
  }

  private Map<String, String> saveWithRivals(
      Redis redis, List<Mount> mounts, Saves saves, CellFile file, String way) {
    redis.with(client -> file.write(client, wide("first")));
    boolean appendingToField = way.equals(APPENDED) && file.field().isPresent();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> rival =
        CompletableFuture.runAsync(
            () -> writeMeanwhile(redis, file, appendingToField, done),
            task -> new Thread(task, "rival").start());
    try {
      return save(saves, mounts, file, way);
    } finally {
      done.set(true);
      rival.join();
    }
  }

  /** Each token and what became of it. */
  private Map<String, String> save(Saves saves, List<Mount> mounts, CellFile file, String way) {
    int processesOfAMount = ALONE.contains(way) ? 1 : 2;
    int count =
        SAVES / (ways().size() * CellFile.Kind.values().length * MOUNTS * processesOfAMount) + 1;
    List<CompletableFuture<Shell.Outcome>> processes = new ArrayList<>();
    for (Mount mount : mounts) {
      for (int process = 0; process < processesOfAMount; process++) {
        String prefix = "token" + processes.size();
        processes.add(saves.start("tokens", mount.resolve(file.name()), way, count, prefix));
      }
    }
    Map<String, String> outcomes = new HashMap<>();
    for (CompletableFuture<Shell.Outcome> process : processes) {
      process
          .join()
          .requireSuccess()
          .out()
          .lines()
          .forEach(line -> outcomes.put(line.substring(0, WIDTH), line.substring(WIDTH + 1)));
    }
    assertThat(outcomes).hasSize(count * processes.size());
    return outcomes;
  }

  /**
   * Writes now and then, and lets the cell go once in a while.
   *
   * @param appending what others have written stays, so that it can be found in the end
   */
  private void writeMeanwhile(Redis redis, CellFile file, boolean appending, AtomicBoolean done) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try (Jedis client = redis.client()) {
      for (int number = 0; !done.get(); number++) {
        if (appending) {
          client.hset(file.key(), "other", String.valueOf(number));
        } else if (number % 20 == 19) {
          file.delete(client);
        } else {
          file.write(client, wide("rival " + number));
        }
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(5_000, 60_000)));
      }
      if (!appending) {
        file.write(client, wide("last"));
      }
    }
  }

  /**
   * How often each token was written to the cell; what is appended to a field, the daemon writes in
   * whole. A file that is renamed over it has the token in its name.
   */
  private Map<String, Integer> writesOfTokens(List<Monitor.Command> commands, CellFile file) {
    Map<String, Integer> writes = new HashMap<>();
    String before = "";
    for (Monitor.Command command : commands) {
      if (!command.isWrite() || !command.mentions(file.key())) {
        continue;
      }
      String words = String.join(" ", command.words());
      boolean grown = command.name().equals("HSET") && words.contains(before) && !before.isEmpty();
      Matcher token = TOKEN.matcher(grown ? words.replace(before, "") : words);
      while (token.find()) {
        writes.merge(token.group(), 1, Integer::sum);
      }
      if (file.field().isPresent() && command.mentions(file.field().get())) {
        before = command.words().get(command.words().size() - 1);
      }
    }
    return writes;
  }

  private static String wide(String text) {
    return text + "_".repeat(WIDTH - text.length());
  }
}
