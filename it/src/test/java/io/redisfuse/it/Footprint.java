package io.redisfuse.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a daemon holds.
 *
 * @param heapBytes of all objects that are alive, after a collection
 * @param nodes objects that stand for files and directories
 * @param descriptors open ones
 * @param threads all of them
 */
record Footprint(long heapBytes, long nodes, long descriptors, long threads) {

  /** The class of every node ends so. */
  private static final String NODE = "Node";

  private static final String FILES = "io.redisfuse.frontend.files.";

  /** Of a daemon of this machine, by {@code jcmd} and {@code /proc}. */
  static Footprint of(Daemon daemon, Shell shell) throws IOException {
    Path process = Path.of("/proc", String.valueOf(daemon.pid()));
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    // It collects before it counts.
    String histogram = shell.run(jcmd + " " + daemon.pid() + " GC.class_histogram");
    return new Footprint(
        histogram
            .lines()
            .filter(line -> line.startsWith("Total"))
            .mapToLong(line -> number(line, 2))
            .sum(),
        histogram.lines().filter(Footprint::isNode).mapToLong(line -> number(line, 1)).sum(),
        entries(process.resolve("fd")),
        entries(process.resolve("task")));
  }

  /** A line such as {@code 5: 1234 56789 io.redisfuse.frontend.files.FileNode}. */
  private static boolean isNode(String line) {
    String[] words = line.strip().split("\\s+", -1);
    return words.length > 3 && words[3].startsWith(FILES) && words[3].endsWith(NODE);
  }

  private static long number(String line, int word) {
    return Long.parseLong(line.strip().split("\\s+", -1)[word]);
  }

  private static long entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    }
  }

  /** Whether this is no more than that and a tolerance. */
  boolean isWithin(Footprint other, Footprint tolerance) {
    return heapBytes <= other.heapBytes + tolerance.heapBytes
        && nodes <= other.nodes + tolerance.nodes
        && descriptors <= other.descriptors + tolerance.descriptors
        && threads <= other.threads + tolerance.threads;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "heap %.2f MiB, %d nodes, %d descriptors, %d threads",
        heapBytes / 1048576.0,
        nodes,
        descriptors,
        threads);
  }
}
