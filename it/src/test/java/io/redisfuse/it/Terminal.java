package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A terminal with a shell, in a tmux server of its own, for programs that want a person at the
 * keyboard. Nothing of the user's tmux is read or touched.
 */
final class Terminal {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PROMPT = "ready> ";

  private final Path socket;
  private final Path home;
  private boolean closed;

  private Terminal(Path socket, Path home) {
    this.socket = socket;
    this.home = home;
  }

  /**
   * Opens a terminal.
   *
   * @param socket where the tmux server listens: a path that does not exist
   * @param home {@code $HOME} of the shell
   * @param directory where the shell starts
   */
  static Terminal open(Path socket, Path home, Path directory) {
    Terminal terminal = new Terminal(socket, home);
    terminal.tmux("new-session", "-d", "-x", "120", "-y", "40", "-c", directory.toString(), "sh");
    terminal.type("PS1='" + PROMPT + "'; stty -echo; clear");
    terminal.enter();
    terminal.awaitPrompt();
    return terminal;
  }

  /** Types text as it is. */
  void type(String text) {
    tmux("send-keys", "-l", text);
  }

  /** Presses keys by their tmux names, such as {@code Escape}. */
  void press(String... keys) {
    List<String> arguments = new ArrayList<>(List.of("send-keys"));
    arguments.addAll(Arrays.asList(keys));
    tmux(arguments.toArray(String[]::new));
  }

  void enter() {
    press("Enter");
  }

  /** Clears the screen, types a command, and starts it. */
  void command(String command) {
    type("clear; " + command);
    enter();
  }

  /** Waits until the screen shows what matches somewhere. */
  void awaitScreen(String regex) {
    Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
    await("the screen shows " + regex)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(screen()).containsPattern(pattern));
  }

  /** Waits until the shell is back, after a command that left nothing else on the screen. */
  void awaitPrompt() {
    await("the shell is back")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(screen().stripTrailing()).endsWith(PROMPT.strip()));
  }

  /** Whether it was not {@link #close closed} yet. */
  boolean isOpen() {
    return !closed;
  }

  /** What is on the screen; a line that was too long for it is one line. */
  String screen() {
    return tmux("capture-pane", "-p", "-J")
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"));
  }

  /**
   * Ends the tmux server, and with it everything that runs in the terminal. Does nothing when that
   * was done before.
   */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    String server = tmux("display-message", "-p", "#{pid}").strip();
    tmux("kill-server");
    ProcessHandle.of(Long.parseLong(server))
        .ifPresent(
            process ->
                await("the tmux server has ended")
                    .atMost(PATIENCE)
                    .until(() -> !process.isAlive()));
  }

  private String tmux(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("tmux", "-S", socket.toString(), "-f", "/dev/null"));
    command.addAll(Arrays.asList(arguments));
    try {
      Path output = Files.createTempFile(home, "tmux-", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile());
      builder.environment().putAll(Shell.environment(home));
      builder.environment().remove("TMUX");
      Process process = builder.start();
      boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String text = Files.readString(output);
      Files.delete(output);
      assertThat(ended && process.exitValue() == 0)
          .withFailMessage("%s failed: %s", command, text)
          .isTrue();
      return text;
    } catch (IOException e) {
      throw new IllegalStateException("tmux cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while tmux runs", e);
    }
  }
}
