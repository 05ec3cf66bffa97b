package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs bash scripts in a directory, with an environment that depends on nobody's settings. A script
 * stops at the first command that fails, and is killed with everything it started if it takes too
 * long.
 */
final class Shell {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path home;
  private final Path directory;

  /**
   * @param home a directory of the test's own: the scripts' {@code $HOME}, where their output is
   *     kept as well
   */
  Shell(Path home, Path directory) {
    this.home = home;
    this.directory = directory;
  }

  /** The same shell in another directory. */
  Shell in(Path other) {
    return new Shell(home, other);
  }

  /** Runs a script that must succeed; returns what it printed. */
  String run(String script) {
    return attempt(script).requireSuccess().out();
  }

  /** Runs a script that must succeed, for at most this long; returns what it printed. */
  String run(Duration patience, String script) {
    return attempt(patience, script).requireSuccess().out();
  }

  /** Runs a script that may fail. */
  Outcome attempt(String script) {
    return attempt(PATIENCE, script);
  }

  /** Runs a script that may fail, for at most this long. */
  Outcome attempt(Duration patience, String script) {
    // Files instead of pipes: nobody waits for a background process that keeps its output open.
    Path out = temporary(".out");
    Path err = temporary(".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  List.of("setsid", "bash", "--noprofile", "--norc", "-euo", "pipefail", "-c")
                      .toArray(String[]::new))
              .directory(directory.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.command().add(script);
      environment(home).forEach(builder.environment()::put);
      Process process = builder.start();
      boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        killGroup(process);
      }
      Outcome outcome =
          new Outcome(
              script,
              ended ? process.exitValue() : Outcome.KILLED,
              Files.readString(out, UTF_8),
              Files.readString(err, UTF_8));
      assertThat(ended).withFailMessage("Killed after %s: %s", patience, outcome).isTrue();
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running: " + script, e);
    }
  }

  private Path temporary(String suffix) {
    try {
      return Files.createTempFile(home, "script-", suffix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** setsid made the script the leader of a group that has its own number. */
  private static void killGroup(Process leader) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-KILL", "--", "-" + leader.pid()).start().waitFor();
    leader.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
  }

  /** What scripts, daemons and terminals of a test are started with. */
  static Map<String, String> environment(Path home) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("HOME", home.toString());
    environment.put("XDG_STATE_HOME", home.resolve("state").toString());
    environment.put("XDG_CONFIG_HOME", home.resolve("config").toString());
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("LANG", "C.UTF-8");
    environment.put("TZ", "UTC");
    environment.put("TERM", "xterm");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_CONFIG_COUNT", "2");
    environment.put("GIT_CONFIG_KEY_0", "init.defaultBranch");
    environment.put("GIT_CONFIG_VALUE_0", "master");
    environment.put("GIT_CONFIG_KEY_1", "gc.auto");
    environment.put("GIT_CONFIG_VALUE_1", "0");
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "Somebody");
      environment.put("GIT_" + who + "_EMAIL", "somebody@example.org");
      environment.put("GIT_" + who + "_DATE", "2026-01-01T00:00:00Z");
    }
    return environment;
  }

  /** What became of a script. */
  record Outcome(String script, int status, String out, String err) {

    private static final int KILLED = -1;

    Outcome requireSuccess() {
      assertThat(status).withFailMessage("It failed: %s", this).isZero();
      return this;
    }

    /** The script must have failed, and said this on its standard error. */
    Outcome requireFailure(String message) {
      assertThat(status).withFailMessage("It succeeded: %s", this).isNotZero();
      assertThat(err).withFailMessage("No <%s> in: %s", message, this).contains(message);
      return this;
    }

    @Override
    public String toString() {
      return String.join(
          "\n", "", "$ " + script, "exit status " + status, "--- out", out, "--- err", err, "---");
    }
  }
}
