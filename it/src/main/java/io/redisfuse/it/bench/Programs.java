package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Runs programs as a person does, and looks at how they end. */
final class Programs {

  /** Nobody's own settings of git, ls and grep may count. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "LC_ALL", "C.UTF-8",
          "GIT_CONFIG_GLOBAL", "/dev/null",
          "GIT_CONFIG_SYSTEM", "/dev/null",
          "GREP_COLORS", "",
          "LS_COLORS", "");

  private Programs() {}

  /** Runs a program that must end with this status, and throws away what it says. */
  static void run(Path directory, int status, String... command) throws IOException {
    ProcessBuilder builder =
        builder(directory, command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    require(builder.start(), status, command);
  }

  /** Runs a program that must succeed; returns what it says. */
  static String output(Path directory, String... command) throws IOException {
    Process process =
        builder(directory, command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    require(process, 0, command);
    return said;
  }

  private static ProcessBuilder builder(Path directory, String... command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(ENVIRONMENT);
    return builder;
  }

  private static void require(Process process, int status, String... command) throws IOException {
    try {
      int actual = process.waitFor();
      if (actual != status) {
        throw new IOException(
            String.join(" ", Arrays.asList(command)) + " ends with status " + actual);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while " + command[0] + " ran", e);
    }
  }
}
