package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two daemons on one Redis. */
class TwoMountsIT {

  private static final Duration SOON = Duration.ofSeconds(5);
  private static final int RACERS = 8;

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount one;
  private Mount two;

  @BeforeEach
  void mountTwice() {
    redis = place.redis();
    one = place.mount(redis);
    two = place.mount(redis);
  }

  @Test
  void eachSeesWhatTheOtherDoes() {
    Shell here = place.shell(one);
    Shell there = place.shell(two);

    here.run("mkdir d; echo 1 > d/a; echo 2 > d/h.f; echo 3 > s");
    assertThat(there.run("cat d/a d/h.f s")).isEqualTo("1\n2\n3\n");
    requireListing(there, "d\ns\n\nd:\na\nh.f\n");

    there.run("echo changed > d/a; echo more >> s");
    assertThat(here.run("cat d/a s; stat -c %s s")).isEqualTo("changed\n3\nmore\n7\n");

    there.run("rm s; mv d/a d/b; rm d/h.f");
    here.attempt("cat s").requireFailure("No such file or directory");
    here.attempt("cat d/a").requireFailure("No such file or directory");
    assertThat(here.run("cat d/b")).isEqualTo("changed\n");
    requireListing(here, "d\n\nd:\nb\n");

    here.run("rm -r d");
    requireListing(there, "");
  }

  private static void requireListing(Shell shell, String expected) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(
                        shell.run("ls; for d in */; do test ! -d $d || (echo; ls -R ${d%/}); done"))
                    .isEqualTo(expected));
  }

  @Test
  void ofManyExclusiveCreatorsExactlyOneWins() throws Exception {
    for (String name : List.of("lock", "h.lock", "hash.field", "d/lock")) {
      Files.createDirectories(one.resolve("d"));
      await().atMost(SOON).until(() -> Files.isDirectory(two.resolve("d")));
      for (int round = 0; round < 15; round++) {
        List<String> winners =
            race(
                racer -> {
                  Path path = (racer % 2 == 0 ? one : two).resolve(name);
                  try {
                    Files.writeString(path, "racer " + racer, StandardOpenOption.CREATE_NEW);
                    return "racer " + racer;
                  } catch (FileAlreadyExistsException e) {
                    return "";
                  }
                });
        winners.removeIf(String::isEmpty);
        assertThat(winners).as("winners of %s", name).hasSize(1);
        assertThat(Files.readString(one.resolve(name))).isEqualTo(winners.get(0));
        Files.delete((round % 2 == 0 ? one : two).resolve(name));
      }
    }
  }

  @Test
  void ofManyMakersOfADirectoryExactlyOneWins() throws Exception {
    for (int round = 0; round < 15; round++) {
      List<String> winners =
          race(
              racer -> {
                try {
                  Files.createDirectory((racer % 2 == 0 ? one : two).resolve("lock.d"));
                  return "won";
                } catch (FileAlreadyExistsException e) {
                  return "";
                }
              });
      winners.removeIf(String::isEmpty);
      assertThat(winners).hasSize(1);
      Files.delete((round % 2 == 0 ? one : two).resolve("lock.d"));
      assertThat(redis.keyspace().keys()).isEmpty();
    }
  }

  @Test
  void appendersLoseNothing() throws Exception {
    int lines = 100;
    race(
        racer -> {
          Path path = (racer % 2 == 0 ? one : two).resolve("log");
          for (int line = 0; line < lines; line++) {
            Files.writeString(
                path,
                "racer " + racer + " line " + line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
          }
          return "";
        });

    List<String> written = redis.get("log").lines().toList();
    assertThat(written).hasSize(RACERS * lines).doesNotHaveDuplicates();
    for (int racer = 0; racer < RACERS; racer++) {
      String mine = "racer " + racer + " ";
      assertThat(written.stream().filter(line -> line.startsWith(mine)))
          .as("in the order in which they were written")
          .hasSize(lines)
          .isSortedAccordingTo(Comparator.comparingInt(TwoMountsIT::lineNumber));
    }
  }

  private static int lineNumber(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
  }

  private interface Racer {
    String run(int number) throws IOException;
  }

  /** Lets all start at once; what each returned. */
  private static List<String> race(Racer racer) throws InterruptedException, ExecutionException {
    CyclicBarrier start = new CyclicBarrier(RACERS);
    ExecutorService threads = Executors.newFixedThreadPool(RACERS);
    try {
      List<Future<String>> futures = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        int number = i;
        futures.add(
            threads.submit(
                () -> {
                  awaitStart(start);
                  return racer.run(number);
                }));
      }
      List<String> results = new ArrayList<>();
      for (Future<String> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static void awaitStart(CyclicBarrier start) throws InterruptedException {
    try {
      start.await();
    } catch (BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }
}
