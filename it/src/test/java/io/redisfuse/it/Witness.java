package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Another process, which looks at files as it is told to: {@code witness.py}. It may wait in the
 * kernel for a page, as this one must not, since a JVM can do nothing else then.
 */
final class Witness {

  /** Longer than it may look for something. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private Witness(Process process) {
    this.process = process;
  }

  /** Starts one, which ends after the test. */
  static Witness start(Workplace place) {
    Path script = place.script("witness.py");
    try {
      ProcessBuilder builder =
          new ProcessBuilder("python3", script.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(Shell.environment(place.home()));
      Witness witness = new Witness(builder.start());
      place.onClose(witness::close);
      Thread listener = new Thread(witness::listen, "answers of the witness");
      listener.setDaemon(true);
      listener.start();
      return witness;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      answers.add("lost\t" + e);
    }
  }

  /** Opens a file, to be looked at by this name. */
  void hold(String name, Path file) {
    tell("hold", name, file.toString());
    assertThat(answer()).isEqualTo("done");
  }

  /** Maps a file into memory, to be looked at by this name. */
  void map(String name, Path file) {
    tell("map", name, file.toString());
    assertThat(answer()).isEqualTo("done");
  }

  /**
   * Removes a file, if that can be done. Any thread may call this of a witness that does nothing
   * else.
   */
  synchronized void remove(Path file) {
    tell("remove", file.toString());
    assertThat(answer()).isEqualTo("done");
  }

  /** What is seen now. */
  String look(String way, String what) {
    beginToLook(way, what);
    return seen();
  }

  /** Begins to look; {@link #seen} or {@link #seenWithin} must follow until there is an answer. */
  void beginToLook(String way, String what) {
    tell("look", way, what);
  }

  /** What is seen, if that is known within a time that may be too short. */
  Optional<String> seenWithin(Duration bound) {
    try {
      return Optional.ofNullable(answers.poll(bound.toMillis(), TimeUnit.MILLISECONDS))
          .map(Witness::sight);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the witness looks", e);
    }
  }

  /** What is seen. */
  String seen() {
    return sight(answer());
  }

  /**
   * Begins to look until something is as expected; returns what is seen at first. {@link #seenAt}
   * must follow.
   */
  String beginToAwait(Duration bound, String expected, String way, String what) {
    tell("await", String.valueOf(bound.toSeconds()), expected, way, what);
    return seen();
  }

  /**
   * When it was as expected, in terms of {@link System#nanoTime}, which is the system's monotonic
   * clock.
   *
   * @throws AssertionError if it was not, within the bound
   */
  long seenAt() {
    String answer = answer();
    assertThat(answer).withFailMessage("It is not seen in time: %s", answer).startsWith("at\t");
    return Long.parseLong(answer.substring("at\t".length()));
  }

  private static String sight(String answer) {
    assertThat(answer).startsWith("saw\t");
    return answer.substring("saw\t".length());
  }

  private void tell(String... words) {
    try {
      process.getOutputStream().write((String.join("\t", words) + "\n").getBytes(UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String answer() {
    try {
      String answer = answers.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(answer).as("the witness's answer").isNotNull();
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the witness looks", e);
    }
  }

  /** Killed, since it may hang in a mount. */
  private void close() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("the witness ends").isTrue();
  }
}
