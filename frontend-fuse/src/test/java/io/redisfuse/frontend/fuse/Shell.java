package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs real commands in a directory, each with a bound. */
final class Shell {

  private static final String BOUND_SECONDS = "40";

  private final Path directory;

  Shell(Path directory) {
    this.directory = directory;
  }

  /** How a script ended, and what it wrote to both streams. */
  record Result(int status, byte[] output) {
    String text() {
      return new String(output, UTF_8).strip();
    }
  }

  /** Runs a bash script, which must succeed; returns what it wrote to both streams. */
  String run(String script) throws IOException {
    Result result = attempt(script);
    if (result.status() != 0) {
      throw new AssertionError(script + " ended with " + result.status() + ": " + result.text());
    }
    return result.text();
  }

  /** Runs a bash script. */
  Result attempt(String script) throws IOException {
    Process process = start("bash", "-c", script);
    byte[] output = process.getInputStream().readAllBytes();
    try {
      return new Result(process.waitFor(), output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + script, e);
    }
  }

  /** Starts a program, which is killed after the bound. */
  Process start(String... command) throws IOException {
    List<String> bounded = new ArrayList<>(List.of("timeout", "-k", "2", BOUND_SECONDS));
    bounded.addAll(List.of(command));
    ProcessBuilder builder =
        new ProcessBuilder(bounded).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }
}
