package io.redisfuse.it.bench.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Jedis;

/** What a person does in a mount: saves files, lists their directory, asks for their sizes. */
final class Editing {

  private static final int FILES = 100;
  private static final int STATS_PER_EDIT = 5;
  private static final int EDITS_PER_LISTING = 5;
  private static final long PAUSE_NANOS = 10_000_000;

  private final Path directory;
  private final List<Double> edits = new ArrayList<>();
  private final List<Double> stats = new ArrayList<>();
  private final List<Double> listings = new ArrayList<>();

  Editing(MountedDaemon daemon) {
    this.directory = daemon.mountPoint().resolve("edited");
  }

  static void fill(Server server) {
    try (Jedis client = server.client()) {
      for (int i = 0; i < FILES; i++) {
        client.set("edited:" + i, "text " + i);
      }
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  /** Goes on for so long. */
  void run(double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; System.nanoTime() < end; i++) {
      Path file = directory.resolve(String.valueOf(i % FILES));
      byte[] text = ("text " + i + "\n").repeat(10).getBytes(UTF_8);
      take(edits, () -> Files.write(file, text));
      for (int j = 0; j < STATS_PER_EDIT; j++) {
        Path other = directory.resolve(String.valueOf((i + j) % FILES));
        take(stats, () -> Files.size(other));
      }
      if (i % EDITS_PER_LISTING == 0) {
        take(listings, this::list);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void list() throws IOException {
    int entries = 0;
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory)) {
      for (Path entry : listing) {
        entries += entry.getNameCount() > 0 ? 1 : 0;
      }
    }
    if (entries != FILES) {
      throw new IOException(directory + " lists " + entries + " files instead of " + FILES);
    }
  }

  private static void take(List<Double> times, Step step) throws IOException {
    long start = System.nanoTime();
    step.run();
    times.add((System.nanoTime() - start) / 1e6);
  }

  /** The milliseconds that each save took. */
  List<Double> edits() {
    return edits;
  }

  List<Double> stats() {
    return stats;
  }

  List<Double> listings() {
    return listings;
  }
}
