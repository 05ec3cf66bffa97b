package io.redisfuse.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Runs small programs of the system whose output does not matter, for a bounded time. */
final class Commands {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int NO_ANSWER = -1;

  private Commands() {}

  /** Runs a program; returns its exit status, or a negative number if it did not end in time. */
  static int run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return NO_ANSWER;
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_ANSWER;
    }
  }
}
