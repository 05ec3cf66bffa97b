package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.redis.Figures;
import io.redisfuse.it.SteadySaves.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Processes that save a file each, again and again, and vim, which has one open all the time; and
 * what must be true of all of it, whatever happens to the servers meanwhile: what was said to be
 * saved is there, what failed has left the old text or a newer one, and nobody has waited for ever.
 */
final class Workload {

  private static final int WRITERS = 4;
  private static final String EDITED = "edited";
  private static final Duration LONG = Duration.ofSeconds(60);

  private final List<SteadySaves> writers = new ArrayList<>();
  private final Terminal vim;

  private Workload(Terminal vim) {
    this.vim = vim;
  }

  /** Starts it at the top of a mount. */
  static Workload start(Workplace place, Mount mount) {
    try {
      Files.writeString(mount.resolve(EDITED), "first\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Workload workload = new Workload(place.terminal(mount.path()));
    workload.vim.awaitPrompt();
    workload.vim.command("vim -u NONE -n " + EDITED);
    workload.vim.awaitScreen("first");
    for (int i = 0; i < WRITERS; i++) {
      // The kernel has whoever makes a file wait for a rename in the same directory.
      Path directory = mount.resolve("of" + i);
      try {
        Files.createDirectory(directory);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      workload.writers.add(SteadySaves.start(place, directory.resolve("file")));
    }
    return workload;
  }

  /** The keys that are saved all the time. */
  List<String> keys() {
    return writers.stream().map(writer -> key(writer.file())).toList();
  }

  private static String key(Path file) {
    return file.getParent().getFileName() + ":" + file.getFileName();
  }

  /** Waits until each process has saved so many times more. */
  void awaitMore(int saves) {
    awaitMore(saves, file -> true);
  }

  /** Waits until each process that saves one of these keys has done so so many times more. */
  void awaitMore(int saves, Predicate<String> which) {
    Map<SteadySaves, Long> wanted = new HashMap<>();
    writers.stream()
        .filter(writer -> which.test(key(writer.file())))
        .forEach(writer -> wanted.put(writer, writer.saved() + saves));
    assertThat(wanted).isNotEmpty();
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(wanted)
                    .allSatisfy(
                        (writer, many) ->
                            assertThat(writer.saved())
                                .as("%s: %s", writer.file(), writer.outcomes())
                                .isGreaterThanOrEqualTo(many)));
  }

  /** When the last of the processes had saved again, in milliseconds of the system's clock. */
  long firstSavedAfter(long millis) {
    return writers.stream()
        .mapToLong(
            writer ->
                writer.outcomes().stream()
                    .filter(Outcome::isSaved)
                    .mapToLong(Outcome::endedMillis)
                    .filter(ended -> ended >= millis)
                    .min()
                    .orElseThrow())
        .max()
        .orElseThrow();
  }

  /**
   * Ends all of it, after a save by vim.
   *
   * @param get what a key holds
   * @param bound longer than any save may take
   */
  void requireNothingLost(UnaryOperator<String> get, Duration bound) {
    writers.forEach(SteadySaves::end);
    vim.press("o");
    vim.type("more");
    vim.press("Escape");
    vim.type(":w");
    vim.enter();
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(get.apply(EDITED)).as(vim.screen()).isEqualTo("first\nmore"));
    for (SteadySaves writer : writers) {
      requireLastSaved(writer, Integer.parseInt(get.apply(key(writer.file()))), bound);
    }
  }

  private static void requireLastSaved(SteadySaves writer, int held, Duration bound) {
    List<Outcome> outcomes = writer.outcomes();
    int last =
        outcomes.stream()
            .filter(Outcome::isSaved)
            .max(Comparator.comparing(Outcome::number))
            .orElseThrow()
            .number();
    assertThat(held)
        .as("what is held, of %s", outcomes)
        .isBetween(last, outcomes.get(outcomes.size() - 1).number());
    int saved = 0;
    for (Outcome outcome : outcomes) {
      assertThat(outcome.took()).as("%s", outcome).isLessThan(bound);
      // What was lost with a master was not said to be saved; where it was, there is the text of
      // before again, which is not what the program has seen last.
      assertThat(outcome.how()).as("%s", outcome).isIn("saved", "EIO", "EBUSY");
      assertThat(outcome.found())
          .as("what was found by %s, where %d had been saved, of %s", outcome, saved, outcomes)
          .isGreaterThanOrEqualTo(saved);
      if (outcome.isSaved()) {
        saved = outcome.number();
      }
    }
  }

  /**
   * How many saves ended how.
   *
   * @param resumed how long after the fault all went on
   */
  Figures figures(String test, Duration resumed) {
    List<Outcome> all = writers.stream().flatMap(each -> each.outcomes().stream()).toList();
    long saved = all.stream().filter(Outcome::isSaved).count();
    Duration longest =
        all.stream().map(Outcome::took).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    return new Figures(test, saved, all.size() - saved, /* unknown= */ 0, longest, resumed);
  }

  @Override
  public String toString() {
    Figures figures = figures("", Duration.ZERO);
    return "%d saved, %d failed, the longest took %d ms"
        .formatted(figures.saved(), figures.failed(), figures.longest().toMillis());
  }
}
