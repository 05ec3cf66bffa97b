package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;

/** What it costs to mount a large keyspace and to list it, in time, memory and slow commands. */
final class Scale {

  /** What is shorter is lost in how long a daemon takes to start. */
  private static final double COMPARABLE_SECONDS = 0.1;

  private final Path directory;
  private final Path launcher;
  private final int cells;
  private final int rounds;
  private final PrintStream out;

  Scale(Path directory, Path launcher, int cells, int rounds, PrintStream out) {
    this.directory = directory;
    this.launcher = launcher;
    this.cells = cells;
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    Empty empty = empty();
    out.printf(
        "%,d cells; medians of %d rounds, in turn; with no keys %.2f s to complete, %,d KiB held%n",
        cells, rounds, empty.secondsToComplete(), empty.bytes() >> 10);
    for (Shape shape : Shape.values()) {
      try (Server server = Server.start(directory)) {
        try (Jedis client = server.client()) {
          shape.fill(client, cells);
        }
        measure(shape, server, empty);
      }
    }
  }

  /** What a daemon costs that has no keys: what it costs beyond that is due to the keys. */
  private record Empty(double secondsToComplete, long bytes) {}

  private Empty empty() throws IOException, InterruptedException {
    List<Double> complete = new ArrayList<>();
    long bytes = 0;
    for (int round = 1; round <= rounds; round++) {
      try (Server server = Server.start(directory);
          MountedDaemon daemon = MountedDaemon.start(launcher, directory, server)) {
        complete.add(daemon.awaitComplete());
        bytes = daemon.liveBytes();
      }
    }
    return new Empty(Quantiles.median(complete), bytes);
  }

  private void measure(Shape shape, Server server, Empty empty)
      throws IOException, InterruptedException {
    out.printf("%n%s%n", shape.description());
    List<Double> bare = new ArrayList<>();
    List<Double> bareTyped = new ArrayList<>();
    List<Double> ready = new ArrayList<>();
    List<Double> complete = new ArrayList<>();
    List<String> slowBare = new ArrayList<>();
    List<String> slow = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      server.forgetSlowCommands();
      bare.add(BareScan.KEYS.run(server));
      bareTyped.add(BareScan.KEYS_AND_TYPES.run(server));
      slowBare.addAll(server.slowCommands());
      server.forgetSlowCommands();
      try (MountedDaemon daemon = MountedDaemon.start(launcher, directory, server)) {
        ready.add(daemon.awaitReady());
        complete.add(daemon.awaitComplete());
        if (round == rounds) {
          say("processor time of the daemon", "%.1f s", daemon.processorSeconds());
          memory("memory per key, indexed", shape, daemon, empty);
          list(shape, daemon);
          memory("memory per key, listed", shape, daemon, empty);
        }
      }
      slow.addAll(server.slowCommands());
    }
    double scan = Quantiles.median(bare);
    double typed = Quantiles.median(bareTyped);
    double indexing = Quantiles.median(complete) - empty.secondsToComplete();
    say("start to ready", "%.2f s", Quantiles.median(ready));
    say("start to complete", "%.2f s", Quantiles.median(complete));
    say("bare SCAN", "%.2f s", scan);
    say("bare SCAN with TYPE", "%.2f s", typed);
    say(
        "complete, beyond no keys",
        "%s",
        "%.2f s%s".formatted(indexing, ratios(indexing, scan, typed)));
    say("commands over 10 ms, mount", "%s", summary(slow));
    // A machine that is busy otherwise makes commands slow that are not: these say how much.
    say("commands over 10 ms, bare", "%s", summary(slowBare));
  }

  private static String ratios(double indexing, double scan, double typed) {
    return scan < COMPARABLE_SECONDS
        ? "; the scans are too short to compare"
        : ", x%.2f of SCAN, x%.2f of SCAN with TYPE".formatted(indexing / scan, indexing / typed);
  }

  private static String summary(List<String> slow) {
    return slow.isEmpty() ? "none" : slow.size() + ": " + slow.subList(0, Math.min(8, slow.size()));
  }

  private void memory(String what, Shape shape, MountedDaemon daemon, Empty empty)
      throws IOException, InterruptedException {
    long bytes = daemon.liveBytes() - empty.bytes();
    long keys = shape.keys(cells);
    double own = shape.keyBytes(cells) / (double) keys;
    say(what, "%s", "%.0f B beside its %.1f B".formatted(bytes / (double) keys - own, own));
  }

  private void list(Shape shape, MountedDaemon daemon) throws IOException, InterruptedException {
    Path top = daemon.mountPoint();
    if (shape == Shape.FLAT) {
      time("ls | wc -l, all", top, "ls key | wc -l", cells);
      time("ls -f | wc -l, all, again", top, "ls -f key | wc -l", cells + 2);
    }
    time("find -type f | wc -l, all", top, "find . -type f | wc -l", cells);
    if (shape.listed().isPresent()) {
      String listed = shape.listed().get();
      time("ls | wc -l, a hundredth", top, "ls " + listed + " | wc -l", cells / 100);
      time("ls -l | wc -l, a hundredth", top, "ls -l " + listed + " | wc -l", cells / 100 + 1);
    }
  }

  private void time(String what, Path top, String script, int expected)
      throws IOException, InterruptedException {
    Script.Outcome outcome = Script.run(top, script);
    int counted = Integer.parseInt(outcome.out().strip());
    say(what, "%.2f s", outcome.seconds());
    if (counted != expected) {
      out.printf("  WRONG: that is %,d entries instead of %,d%n", counted, expected);
    }
  }

  private void say(String what, String format, Object value) {
    out.printf("  %-30s %s%n", what, String.format(format, value));
    out.flush();
  }
}
