package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionTimeoutException;
import redis.clients.jedis.Jedis;

/** One editor at work on one file of a mount, in a terminal of its own. */
final class EditorSession {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration AT_ONCE = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int MOST_TRIES = 5;

  private final Workplace place;
  private final Redis redis;
  private final Mount mount;
  private final Editor editor;
  private final CellFile file;
  private final Terminal terminal;
  private final Path script;

  /** How many texts were kept because they were rejected, when the last save had ended. */
  private int rejections;

  /** What came of pressing the keys for saving. */
  private enum Outcome {
    SAVED,
    REFUSED,
    ASKED
  }

  /** Opens the terminal; the file must hold {@link Rival#BEFORE}. */
  EditorSession(Workplace place, Redis redis, Mount mount, Editor editor, CellFile file) {
    this.place = place;
    this.redis = redis;
    this.mount = mount;
    this.editor = editor;
    this.file = file;
    this.terminal = place.terminal(mount.path());
    this.script = place.directory().resolve("start-" + file.name());
    try {
      Files.writeString(script, editor.command());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Edits and saves where nobody else does; ends the editor. */
  void saveAlone() {
    start();
    press(editor.save());
    terminal.awaitScreen(editor.saved().pattern());
    requireHolds(Optional.of(Editor.CHANGE + Rival.BEFORE));
    end();
    requireHolds(Optional.of(Editor.CHANGE + Rival.BEFORE));
    assertThat(keptOf(Reason.values())).as("texts that are kept").isEmpty();
  }

  /**
   * Edits and saves when a rival has done something after the editor has read the file: the first
   * try only tells of it, and is refused if it went as far as the mount; a later one wins.
   */
  void saveAgainst(Rival rival) {
    saveAgainst(() -> redis.with(client -> rival.act(client, file)), rival.result());
  }

  /**
   * As {@link #saveAgainst(Rival)}.
   *
   * @param deed what happens meanwhile
   * @param result what the cell holds then, if it still exists
   */
  void saveAgainst(Runnable deed, Optional<String> result) {
    start();
    deed.run();
    awaitShown(result);

    int asked = 0;
    int refusals = 0;
    Outcome outcome = save();
    while (outcome != Outcome.SAVED) {
      assertThat(asked + refusals).as("tries").isLessThan(MOST_TRIES);
      if (outcome == Outcome.REFUSED) {
        refusals++;
        requireHolds(result);
        requireKept(editor.name() + "'s text", editor.rejected(), Reason.REJECTED);
        press(editor.dismiss());
        awaitDismissed();
        if (editor.again() == Editor.Again.MADE_ANEW) {
          saveAnew(result);
          return;
        }
        outcome = save();
      } else {
        asked++;
        requireHolds(result);
        Editor.Question question = questionOnScreen().orElseThrow();
        if (asked == 1) {
          press(question.no());
          press(editor.dismiss());
          awaitDismissed();
          requireHolds(result);
          outcome = save();
        } else {
          press(question.yes());
          outcome = awaitOutcome(Optional.of(question));
        }
      }
    }
    assertThat(asked + (editor.refused().isPresent() ? refusals : 0))
        .as("times when the editor told of the rival")
        .isPositive();

    requireHolds(Optional.of(Editor.CHANGE + Rival.BEFORE));
    result.ifPresent(theirs -> requireKept("the rival's text", theirs, Reason.OVERWRITTEN));
    end();
    requireHolds(Optional.of(Editor.CHANGE + Rival.BEFORE));
  }

  /** A program that begins from the start has read what the rival wrote. */
  private void saveAnew(Optional<String> result) {
    if (result.isEmpty()) {
      return;
    }
    start();
    assertThat(save()).isEqualTo(Outcome.SAVED);
    requireHolds(result.map(theirs -> theirs.replaceAll("(?m)^(?=.)", Editor.CHANGE)));
    end();
    assertThat(keptOf(Reason.OVERWRITTEN)).as("the rival's text is known").isEmpty();
  }

  private void start() {
    terminal.command("f=" + file.name() + "; . " + script);
    terminal.awaitScreen(editor.read().pattern());
    press(editor.change());
    if (!editor.change().isEmpty()) {
      terminal.awaitScreen("MINE ");
    }
  }

  private void end() {
    press(editor.quit());
    terminal.awaitPrompt();
    terminal.close();
  }

  private Outcome save() {
    press(editor.save());
    return awaitOutcome(Optional.empty());
  }

  /**
   * Waits for what the screen will show.
   *
   * @param answered a question that was answered, and may still be on the screen
   */
  private Outcome awaitOutcome(Optional<Editor.Question> answered) {
    AtomicReference<Outcome> outcome = new AtomicReference<>();
    await(editor + " says what came of it")
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              // In this order: what is kept is kept before the screen is looked at.
              int kept = keptOf(Reason.REJECTED).size();
              String screen = terminal.screen();
              outcome.set(outcomeOn(screen, answered, kept));
              assertThat(outcome.get()).as("what the screen says:\n%s", screen).isNotNull();
            });
    rejections = keptOf(Reason.REJECTED).size();
    return outcome.get();
  }

  /** Null if there is none yet. */
  private Outcome outcomeOn(String screen, Optional<Editor.Question> answered, int kept) {
    if (editor.saved().matcher(screen).find()) {
      return Outcome.SAVED;
    }
    if (editor.questions().stream()
        .filter(question -> !question.equals(answered.orElse(null)))
        .anyMatch(question -> question.words().matcher(screen).find())) {
      return Outcome.ASKED;
    }
    boolean refused =
        editor.refused().isPresent()
            ? editor.refused().get().matcher(screen).find()
            : kept > rejections;
    return refused ? Outcome.REFUSED : null;
  }

  private Optional<Editor.Question> questionOnScreen() {
    return questionOn(terminal.screen());
  }

  private Optional<Editor.Question> questionOn(String screen) {
    return editor.questions().stream()
        .filter(question -> question.words().matcher(screen).find())
        .findFirst();
  }

  /** Waits until the message has gone; what was pressed too early is pressed again. */
  private void awaitDismissed() {
    Instant deadline = Instant.now().plus(SOON);
    while (isToldOf(terminal.screen()) && Instant.now().isBefore(deadline)) {
      try {
        await().atMost(AT_ONCE).pollInterval(POLL).until(() -> !isToldOf(terminal.screen()));
      } catch (ConditionTimeoutException e) {
        press(editor.dismiss());
      }
    }
    String screen = terminal.screen();
    assertThat(isToldOf(screen)).as("the message is still there:\n%s", screen).isFalse();
  }

  private boolean isToldOf(String screen) {
    return editor.refused().filter(refused -> refused.matcher(screen).find()).isPresent()
        || questionOn(screen).isPresent();
  }

  private void press(List<String> keys) {
    for (String key : keys) {
      if (key.length() > 1 && key.startsWith("=")) {
        terminal.type(key.substring(1));
      } else {
        terminal.press(key);
      }
    }
  }

  /** The mount shows to others what the cell holds. */
  private void awaitShown(Optional<String> text) {
    await("the mount shows what the rival did")
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(shown()).isEqualTo(text));
  }

  private Optional<String> shown() throws IOException {
    try {
      return Optional.of(Files.readString(mount.resolve(file.name())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void requireHolds(Optional<String> text) {
    try (Jedis client = redis.client()) {
      assertThat(Optional.ofNullable(file.read(client)))
          .as("what %s holds; the screen shows\n%s", file.name(), screen())
          .isEqualTo(text);
      if (text.isPresent()) {
        assertThat(client.type(file.key())).isEqualTo(file.type());
      }
    }
  }

  private String screen() {
    return terminal.isOpen() ? terminal.screen() : "(closed)";
  }

  private void requireKept(String whose, String text, Reason reason) {
    // The editor may have been told before it closed the file.
    await(whose + " is kept as " + reason)
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(keptOf(reason)).contains(text));
  }

  /** The kept texts of this file. */
  private List<String> keptOf(Reason... reasons) {
    List<String> texts = new ArrayList<>();
    for (KeptText text : place.keptTexts()) {
      if (text.cell().equals(file.cell()) && List.of(reasons).contains(text.reason())) {
        try {
          texts.add(Files.readString(text.file()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return texts;
  }
}
