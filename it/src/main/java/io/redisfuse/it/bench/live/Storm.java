package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What it costs that others write 50,000 times a second to keys at which nobody looks: to the
 * server, to the daemon, and to those who work in another directory of the mount.
 */
final class Storm {

  private static final double SECONDS = 5;

  private final Path directory;
  private final Path launcher;
  private final int rounds;
  private final PrintStream out;

  Storm(Path directory, Path launcher, int rounds, PrintStream out) {
    this.directory = directory;
    this.launcher = launcher;
    this.rounds = rounds;
    this.out = out;
  }

  /** What goes on at the same time. */
  private enum Scene {
    CALM("edits, no storm"),
    UNMOUNTED("storm on a server that is not mounted"),
    UNUSED("storm, nobody uses the mount"),
    STORM("storm and edits");

    final String description;

    Scene(String description) {
      this.description = description;
    }

    boolean isStormy() {
      return this != CALM;
    }

    boolean isEdited() {
      return this == CALM || this == STORM;
    }
  }

  /** Of one round of a scene; processor times are shares of one core. */
  private record Result(
      double writes, double server, double daemon, double clientBytes, Editing editing) {}

  void run() throws IOException, InterruptedException {
    Map<Scene, List<Result>> results = new EnumMap<>(Scene.class);
    List<Double> firstListing = new ArrayList<>();
    try (Server unmounted = Server.start(directory);
        Server server = Server.start(directory)) {
      for (Server each : List.of(unmounted, server)) {
        Writer.fill(each);
        Editing.fill(each);
      }
      try (MountedDaemon daemon = MountedDaemon.start(launcher, directory, server)) {
        daemon.awaitComplete();
        daemon.awaitReady();
        // So that the machine code is there.
        new Editing(daemon).run(SECONDS);
        for (int round = 0; round < rounds; round++) {
          for (Scene scene : Scene.values()) {
            Server target = scene == Scene.UNMOUNTED ? unmounted : server;
            results
                .computeIfAbsent(scene, none -> new ArrayList<>())
                .add(play(scene, target, daemon));
          }
          Script.Outcome listing = Script.run(daemon.mountPoint(), "ls storm | wc -l");
          firstListing.add(listing.seconds());
        }
      }
    }
    print(results, Quantiles.median(firstListing));
  }

  private static Result play(Scene scene, Server server, MountedDaemon daemon)
      throws IOException, InterruptedException {
    double serverBefore = server.processorSeconds();
    double daemonBefore = daemon.processorSeconds();
    long start = System.nanoTime();
    Editing editing = new Editing(daemon);
    double writes = 0;
    double clientBytes;
    if (scene.isStormy()) {
      try (Writer writer = Writer.on(server)) {
        pass(scene, editing);
        writes = writer.perSecond();
        clientBytes = server.clientBytes();
      }
    } else {
      pass(scene, editing);
      clientBytes = server.clientBytes();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        writes,
        (server.processorSeconds() - serverBefore) / seconds,
        (daemon.processorSeconds() - daemonBefore) / seconds,
        clientBytes,
        editing);
  }

  private static void pass(Scene scene, Editing editing) throws IOException, InterruptedException {
    if (scene.isEdited()) {
      editing.run(SECONDS);
    } else {
      Thread.sleep((long) (SECONDS * 1000));
    }
  }

  private void print(Map<Scene, List<Result>> results, double firstListing) {
    out.printf(
        "%n%,d keys are written to; medians of %d rounds of %.0f s, in turn; processor times in"
            + " shares of one core, latencies in ms (median / 99th percentile)%n%n",
        Writer.KEYS, rounds, SECONDS);
    out.printf(
        "%-40s%10s%9s%9s%10s%18s%18s%18s%n",
        "", "writes/s", "server", "daemon", "buffers", "save", "stat", "list 100");
    results.forEach(
        (scene, rows) ->
            out.printf(
                "%-40s%10.0f%9.3f%9.3f%6.0f KiB%18s%18s%18s%n",
                scene.description,
                median(rows, Result::writes),
                median(rows, Result::server),
                median(rows, Result::daemon),
                median(rows, Result::clientBytes) / 1024,
                latencies(rows, Editing::edits),
                latencies(rows, Editing::stats),
                latencies(rows, Editing::listings)));
    List<Result> calm = results.get(Scene.CALM);
    List<Result> storm = results.get(Scene.STORM);
    double extra =
        median(results.get(Scene.UNUSED), Result::server)
            / median(results.get(Scene.UNMOUNTED), Result::server);
    out.printf("%nprocessor time of the server, mounted to not mounted: x%.2f%n", extra);
    out.printf(
        "processor time of the daemon to that of the server, nobody uses the mount: x%.2f%n",
        median(results.get(Scene.UNUSED), Result::daemon)
            / median(results.get(Scene.UNUSED), Result::server));
    out.printf(
        "latency of a save, storm to calm: median x%.2f, 99th percentile x%.2f%n",
        quantile(storm, Editing::edits, 0.5) / quantile(calm, Editing::edits, 0.5),
        quantile(storm, Editing::edits, 0.99) / quantile(calm, Editing::edits, 0.99));
    out.printf("first listing of the %,d keys after a storm: %.2f s%n", Writer.KEYS, firstListing);
  }

  private static double median(List<Result> results, Function<Result, Double> what) {
    return Quantiles.median(results.stream().map(what).toList());
  }

  private static String latencies(List<Result> results, Function<Editing, List<Double>> what) {
    return Double.isNaN(quantile(results, what, 0.5))
        ? "-"
        : "%.2f / %.2f".formatted(quantile(results, what, 0.5), quantile(results, what, 0.99));
  }

  /** Of all rounds together. */
  private static double quantile(
      List<Result> results, Function<Editing, List<Double>> what, double share) {
    return Quantiles.at(
        results.stream().flatMap(result -> what.apply(result.editing()).stream()).toList(), share);
  }
}
