package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** A daemon that is killed in the middle of saves leaves old values or new ones, nothing else. */
class KilledDaemonIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int TOKEN_WIDTH = 40;

  @RegisterExtension final Workplace place = new Workplace();

  @RepeatedTest(3)
  void everyKeyHoldsAnOldOrANewValueAndWhatWasKeptIsWhole() throws IOException {
    Redis redis = place.redis();
    List<CellFile> files = new ArrayList<>();
    for (String way : Saves.WAYS) {
      CellFile.Kind kind = CellFile.Kind.values()[files.size() % 2];
      files.add(kind.file("page" + files.size()));
      redis.with(client -> files.get(files.size() - 1).write(client, Saves.text(0)));
    }
    CellFile contested = CellFile.Kind.STRING.file("contested");
    redis.with(client -> contested.write(client, "first"));
    Mount mount = place.mount(redis);
    Saves saves = new Saves(place);
    List<CompletableFuture<Shell.Outcome>> processes = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      processes.add(saves.start("forever", mount.resolve(files.get(i).name()), Saves.WAYS.get(i)));
    }
    CompletableFuture<Shell.Outcome> loser =
        saves.start("tokens", mount.resolve(contested.name()), "truncate", 10_000, "token");
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> rival =
        CompletableFuture.runAsync(
            () -> writeMeanwhile(redis, contested, done),
            task -> new Thread(task, "rival").start());

    try {
      await("saves and conflicts happen")
          .atMost(SOON)
          .until(() -> everyFileWasSaved(redis, files) && place.keptTexts().size() >= 5);
      mount.daemon().kill();
    } finally {
      done.set(true);
      rival.join();
    }

    for (int i = 0; i < files.size(); i++) {
      requireOldOrNew(processes.get(i).join(), Saves.WAYS.get(i), files.get(i).read(redis));
    }
    requireKept(loser.join());
    assertThat(redis.keyspace().keys().keySet().stream().map(Object::toString))
        .as("keys")
        .allMatch(
            key ->
                key.equals(contested.key())
                    || files.stream().anyMatch(file -> file.key().equals(key))
                    // What a program called its temporary file is its own affair.
                    || key.startsWith("tmp-")
                    || key.startsWith(".redisfuse:"));

    Mount again = place.mountAt(mount.path(), redis);

    for (CellFile file : files) {
      assertThat(Files.readString(again.resolve(file.name()))).isEqualTo(file.read(redis));
    }
    saves.repeat(again.resolve(files.get(0).name()), "truncate", 1, 3);
    assertThat(files.get(0).read(redis)).isEqualTo(Saves.text(3));
  }

  private static boolean everyFileWasSaved(Redis redis, List<CellFile> files) {
    return files.stream().noneMatch(file -> Saves.text(0).equals(file.read(redis)));
  }

  private static void writeMeanwhile(Redis redis, CellFile file, AtomicBoolean done) {
    try (Jedis client = redis.client()) {
      for (int number = 0; !done.get(); number++) {
        file.write(client, "rival " + number);
        LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
      }
    }
  }

  /** The process's last save that succeeded, or the one that it was about. */
  private static void requireOldOrNew(Shell.Outcome process, String way, String value) {
    int saved = lastNumber(process, "saved");
    int tried = lastNumber(process, "trying");
    assertThat(value)
        .as("%s: saved %s, tried %s", way, saved, tried)
        .isIn(Saves.text(saved), Saves.text(tried));
  }

  private static int lastNumber(Shell.Outcome process, String word) {
    return process
        .out()
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(words -> words[0].equals(word))
        .mapToInt(words -> Integer.parseInt(words[1]))
        .reduce(0, (earlier, later) -> later);
  }

  /** What a process was told to be in conflict, before the end or just then. */
  private void requireKept(Shell.Outcome process) {
    List<String> told =
        process
            .out()
            .lines()
            .filter(line -> line.contains(" written EBUSY "))
            .map(line -> line.substring(0, TOKEN_WIDTH))
            .toList();
    assertThat(told).hasSizeGreaterThanOrEqualTo(5);
    assertThat(place.keptContents()).containsAll(told);
  }
}
