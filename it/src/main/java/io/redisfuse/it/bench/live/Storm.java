package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** Placeholder. */
final class Storm {
  Storm(Path directory, Path launcher, int rounds, PrintStream out) {}

  void run() throws IOException, InterruptedException {}
}
