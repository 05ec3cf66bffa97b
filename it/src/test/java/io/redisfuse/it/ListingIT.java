package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Listing a large directory with sizes takes few round trips, and the sizes are right. */
class ListingIT {

  private static final int FILES = 10_000;

  /** How many files there are, and their sizes together, which are zero to nine bytes in turn. */
  private static final String TOTAL = FILES + " " + FILES / 10 * 45 + "\n";

  private static final int MOST_ROUND_TRIPS = 30;

  /** One in so many files is changed by somebody else. */
  private static final int CHANGED = 7;

  private static final Duration SOON = Duration.ofSeconds(10);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void stringsAreListedInFewRoundTrips() {
    requireFewRoundTrips(
        pipeline -> {
          for (int i = 0; i < FILES; i++) {
            pipeline.set("d:" + i, "v".repeat(i % 10));
          }
        },
        TOTAL);
  }

  @Test
  void theFieldsOfAHashAreListedInFewRoundTrips() {
    requireFewRoundTrips(
        pipeline -> {
          for (int i = 0; i < FILES; i++) {
            pipeline.hset("d:h", "f" + i, "v".repeat(i % 10));
          }
        },
        TOTAL);
  }

  @Test
  void theFieldsOfManyHashesAreListedInFewRoundTrips() {
    requireFewRoundTrips(
        pipeline -> {
          for (int i = 0; i < FILES; i++) {
            pipeline.hset("d:h" + i / 10, "f" + i % 10, "v".repeat(i % 10));
          }
        },
        TOTAL);
  }

  private void requireFewRoundTrips(Consumer<Pipeline> fill, String filesAndBytes) {
    Redis redis = place.redis();
    redis.with(
        client -> {
          try (Pipeline pipeline = client.pipelined()) {
            fill.accept(pipeline);
          }
          client.set("e:x", "");
        });
    RoundTrips trips = RoundTrips.to(redis);
    place.onClose(trips::close);
    Mount mount = place.mountUri(trips.uri());
    Shell shell = place.shell(mount);
    // The index is complete when a listing comes.
    assertThat(shell.run("ls e")).isEqualTo("x\n");

    trips.reset();
    String listed = shell.run("ls -l d | awk 'NR > 1 { n++; bytes += $5 } END { print n, bytes }'");
    int counted = trips.count();

    System.out.println("ListingIT: " + counted + " round trips of ls -l");
    assertThat(listed).isEqualTo(filesAndBytes);
    assertThat(counted).as("round trips of ls -l").isBetween(1, MOST_ROUND_TRIPS);
  }

  @Test
  void sizesAreThoseOfNowAlsoWhenTheyChangeDuringTheListing() throws IOException {
    Redis redis = place.redis();
    int files = 2_000;
    redis.with(
        client -> {
          try (Pipeline pipeline = client.pipelined()) {
            for (int i = 0; i < files; i++) {
              pipeline.set("d:s" + i, "v");
              pipeline.hset("d:h", "f" + i, "v");
            }
          }
        });
    Mount mount = place.mount(redis);
    for (int round = 2; round < 5; round++) {
      int changed = round;
      List<Path> listed = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(mount.resolve("d"))) {
        for (Path entry : entries) {
          listed.add(entry);
          if (listed.size() == 100) {
            // What the listing has found out is old from now on.
            redis.with(client -> change(client, files, changed));
          }
        }
      }
      assertThat(listed).hasSize(2 * files).doesNotHaveDuplicates();
      assertThat(wrongSizes(listed, file -> !isChanged(file), 1)).isEmpty();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(wrongSizes(listed, ListingIT::isChanged, changed)).isEmpty());
    }
  }

  private static void change(Jedis client, int files, int length) {
    try (Pipeline pipeline = client.pipelined()) {
      for (int i = 0; i < files; i += CHANGED) {
        pipeline.set("d:s" + i, "v".repeat(length));
        pipeline.hset("d:h", "f" + i, "v".repeat(length));
      }
    }
  }

  private static boolean isChanged(Path file) {
    return Integer.parseInt(file.toString().replaceAll(".*[a-z]", "")) % CHANGED == 0;
  }

  private static Map<Path, Long> wrongSizes(List<Path> files, Predicate<Path> which, long right)
      throws IOException {
    Map<Path, Long> wrong = new TreeMap<>();
    for (Path file : files) {
      long size = which.test(file) ? Files.size(file) : right;
      if (size != right) {
        wrong.put(file, size);
      }
    }
    return wrong;
  }
}
