package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.TestInfo;

/**
 * What a test has counted while something failed. With {@code -Dredisfuse.figures=FILE} it is
 * written there, a line for each round of a test, which {@code ./torture} makes a table of.
 *
 * @param test class and method, such as {@code FailoverIT.theMasterIsKilled}
 * @param saved saves that were said to be done
 * @param failed saves that were said not to be
 * @param unknown saves of which nobody knew
 * @param longest how long the longest call took; zero if that was not measured
 * @param resumed how long after the fault had gone the first save succeeded; zero if that was not
 *     measured
 */
public record Figures(
    String test, long saved, long failed, long unknown, Duration longest, Duration resumed) {

  private static final String FILE = System.getProperty("redisfuse.figures", "");

  /** The class and the method of a test. */
  public static String nameOf(TestInfo test) {
    return test.getTestClass().orElseThrow().getSimpleName()
        + "."
        + test.getTestMethod().orElseThrow().getName();
  }

  /** Writes them, if anybody wants them. */
  public void write() {
    if (FILE.isEmpty()) {
      return;
    }
    String line =
        String.join(
            "\t",
            test,
            String.valueOf(saved),
            String.valueOf(failed),
            String.valueOf(unknown),
            String.valueOf(longest.toMillis()),
            String.valueOf(resumed.toMillis()));
    try {
      Files.writeString(
          Path.of(FILE), line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
