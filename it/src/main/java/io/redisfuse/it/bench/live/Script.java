package io.redisfuse.it.bench.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs shell commands and takes their time. */
final class Script {

  private static final String BOUND = "300";

  private Script() {}

  /** What it printed, and the seconds that it took. */
  record Outcome(String out, double seconds) {}

  /**
   * Runs a script, for five minutes at most.
   *
   * @throws IOException if it fails or takes longer
   */
  static Outcome run(Path directory, String script) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder("timeout", "-k", "5", BOUND, "bash", "-euo", "pipefail", "-c", script)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("This failed or took over " + BOUND + " s: " + script);
    }
    return new Outcome(out, (System.nanoTime() - start) / 1e9);
  }
}
