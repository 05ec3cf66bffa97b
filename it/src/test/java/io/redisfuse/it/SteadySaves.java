package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A process that saves a file again and again, each time with the next number. */
final class SteadySaves {

  /**
   * How a save ended.
   *
   * @param how {@code saved}, or the name of an errno
   * @param endedMillis when, on the system's clock
   * @param found the number that was there, if the save was refused because of that; else its own
   */
  record Outcome(int number, String how, Duration took, long endedMillis, int found) {
    boolean isSaved() {
      return how.equals("saved");
    }
  }

  private final Path file;
  private final Process process;
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private final Thread listener = new Thread(this::listen, "outcomes of saves");

  private SteadySaves(Path file, Process process) {
    this.file = file;
    this.process = process;
  }

  /** Starts one, which ends after the test at the latest. */
  static SteadySaves start(Workplace place, Path file) {
    Path script = place.script("steady.py");
    try {
      ProcessBuilder builder =
          new ProcessBuilder("python3", script.toString(), file.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(Shell.environment(place.home()));
      SteadySaves saves = new SteadySaves(file, builder.start());
      place.onClose(saves::kill);
      saves.listener.setDaemon(true);
      saves.listener.start();
      return saves;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] words = line.split(" ", -1);
        outcomes.add(
            new Outcome(
                Integer.parseInt(words[0]),
                words[1],
                Duration.ofMillis(Long.parseLong(words[2])),
                Long.parseLong(words[3]),
                Integer.parseInt(words[4])));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file() {
    return file;
  }

  /** How those ended that have ended. */
  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  long saved() {
    return outcomes.stream().filter(Outcome::isSaved).count();
  }

  /** Waits until it has ended its last save. */
  void end() {
    try {
      process.getOutputStream().close();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      listener.join(Duration.ofSeconds(20).toMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void kill() {
    process.destroyForcibly();
  }
}
