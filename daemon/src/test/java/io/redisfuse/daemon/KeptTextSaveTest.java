package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptTextSaveTest {

  private static final Bytes KEY = Bytes.utf8("note");
  private static final Cell NOTE = Cell.string(KEY);
  private static final Bytes MINE = Bytes.utf8("mine");
  private static final Bytes RIVALS = Bytes.utf8("rival's");

  @TempDir private Path directory;

  private final MemoryBackend backend = new MemoryBackend();
  private KeptTexts texts;
  private KeptTextSave save;

  @BeforeEach
  void openTexts() {
    texts = new KeptTexts(directory.resolve("kept"), Clock.systemUTC());
    save = new KeptTextSave(texts);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void aTextReplacesTheVersionThatItWasRejectedByWhichIsKept() throws Exception {
    put(NOTE, RIVALS);
    backend.commit(Transaction.of(new Change.Expire(KEY, Optional.of(Duration.ofHours(1)))));
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));

    String said = save.apply(text, KeptTextSave.Onto.KNOWN, backend);

    assertThat(content(NOTE)).contains(MINE);
    assertThat(backend.describe(List.of(NOTE)).get(NOTE).ttl()).isPresent();
    KeptText overwritten = onlyText();
    assertThat(overwritten.reason()).isEqualTo(Reason.OVERWRITTEN);
    assertThat(overwritten.cell()).isEqualTo(NOTE);
    assertThat(overwritten.found()).contains(Version.of(MINE));
    assertThat(overwritten.source()).isEqualTo("memory");
    assertThat(overwritten.file()).hasContent("rival's");
    assertThat(said)
        .isEqualTo(
            "The key note now holds the kept text "
                + text.id()
                + "; what it held before is kept as "
                + overwritten.id()
                + ".");
  }

  @Test
  void whatWasOverwrittenCanBeTakenBack() throws Exception {
    put(NOTE, RIVALS);
    apply(rejected(NOTE, Optional.of(Version.of(RIVALS))));

    apply(onlyText());

    assertThat(content(NOTE)).contains(RIVALS);
    assertThat(onlyText().file()).hasContent("mine");
  }

  @Test
  void aFieldIsSavedLikeAKey() throws Exception {
    Cell field = Cell.field(Bytes.utf8("page"), Bytes.utf8("text"));
    Cell other = Cell.field(Bytes.utf8("page"), Bytes.utf8("title"));
    put(field, RIVALS);
    put(other, RIVALS);
    apply(rejected(field, Optional.of(Version.of(RIVALS))));
    assertThat(content(field)).contains(MINE);
    assertThat(content(other)).contains(RIVALS);
  }

  @Test
  void whatWasDeletedComesIntoBeingAgain() throws Exception {
    apply(rejected(NOTE, Optional.of(Version.ABSENT)));
    assertThat(content(NOTE)).contains(MINE);
    assertThat(texts.list()).isEmpty();
  }

  @Test
  void aTextReplacesWhatItWasMadeFromWhichCameBack() throws Exception {
    put(NOTE, Bytes.utf8("base"));
    apply(rejected(NOTE, Optional.of(Version.of(RIVALS))));
    assertThat(content(NOTE)).contains(MINE);
    assertThat(onlyText().file()).hasContent("base");
  }

  @Test
  void aTextThatCouldNotBeSentReplacesWhatItWasMadeFrom() throws Exception {
    apply(keep(NOTE, Reason.UNSAVED, Optional.of(Version.ABSENT), /* found= */ Optional.empty()));
    assertThat(content(NOTE)).contains(MINE);
  }

  @Test
  void aTextIsNotSavedOverWhatHasChangedAgain() throws Exception {
    put(NOTE, Bytes.utf8("third"));
    for (Version found : List.of(Version.of(RIVALS), Version.ABSENT)) {
      KeptText text = rejected(NOTE, Optional.of(found));
      requireRefused(
          text,
          KeptTextSave.Onto.KNOWN,
          backend,
          "The key note holds neither what the text "
              + text.id()
              + " was rejected by nor what it was made from, so that nothing was saved; look at `redisfuse-daemon conflicts diff "
              + text.id()
              + "`, and if that is what you want, run `redisfuse-daemon conflicts apply"
              + " --onto-current "
              + text.id()
              + "`.");
      assertThat(onlyText()).isEqualTo(text);
      texts.drop(text);
    }
    assertThat(content(NOTE)).contains(Bytes.utf8("third"));
  }

  @Test
  void aTextIsNotSavedOverWhatWasDeletedMeanwhile() throws Exception {
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    requireRefused(text, KeptTextSave.Onto.KNOWN, backend, "holds neither what");
    assertThat(content(NOTE)).isEmpty();
  }

  @Test
  void ontoCurrentReplacesWhateverIsThereAndKeepsIt() throws Exception {
    put(NOTE, Bytes.utf8("third"));
    KeptText text = rejected(NOTE, Optional.empty());
    requireRefused(text, KeptTextSave.Onto.KNOWN, backend, "holds neither what");

    save.apply(text, KeptTextSave.Onto.CURRENT, backend);

    assertThat(content(NOTE)).contains(MINE);
    assertThat(onlyText().file()).hasContent("third");
  }

  @Test
  void aRivalBetweenLookingAndReadingIsAConflict() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    ScriptedBackend scripted =
        new ScriptedBackend(backend).beforeRead(() -> put(NOTE, Bytes.utf8("third")));

    for (KeptTextSave.Onto onto : KeptTextSave.Onto.values()) {
      requireRefused(text, onto, scripted, "holds neither what");
      scripted.beforeRead(() -> put(NOTE, Bytes.utf8("fourth")));
    }

    assertThat(content(NOTE)).contains(Bytes.utf8("fourth"));
    assertThat(onlyText()).isEqualTo(text);
  }

  @Test
  void aRivalBetweenReadingAndSavingIsAConflict() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    MemoryBackend another = backend.openAnother();
    ScriptedBackend scripted =
        new ScriptedBackend(backend)
            .onCommit(
                transaction -> {
                  another.commit(Transaction.of(new Change.Delete(NOTE)));
                  backend.commit(transaction);
                });

    requireRefused(text, KeptTextSave.Onto.CURRENT, scripted, "holds neither what");

    assertThat(content(NOTE)).isEmpty();
    assertThat(onlyText()).isEqualTo(text);
    another.close();
  }

  @Test
  void aTextThatIsThereAlreadyIsDropped() throws Exception {
    put(NOTE, MINE);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    assertThat(save.apply(text, KeptTextSave.Onto.KNOWN, backend))
        .isEqualTo("The key note holds the kept text " + text.id() + " already.");
    assertThat(texts.list()).isEmpty();
  }

  @Test
  void aKeyOfAnotherTypeIsNotReplaced() throws Exception {
    put(Cell.field(KEY, Bytes.utf8("field")), RIVALS);
    KeptText text = rejected(NOTE, Optional.empty());
    for (KeptTextSave.Onto onto : KeptTextSave.Onto.values()) {
      requireRefused(
          text,
          onto,
          backend,
          "The key note is a hash now, which the kept text " + text.id() + " cannot replace;");
    }
    assertThat(onlyText()).isEqualTo(text);
  }

  @Test
  void whenTheAnswerIsLostTheCellTellsThatItWasSaved() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    ScriptedBackend scripted =
        new ScriptedBackend(backend)
            .onCommit(
                transaction -> {
                  backend.commit(transaction);
                  throw lost();
                });

    save.apply(text, KeptTextSave.Onto.KNOWN, scripted);

    assertThat(content(NOTE)).contains(MINE);
    assertThat(onlyText().file()).hasContent("rival's");
  }

  @Test
  void whenNobodyKnowsWhetherItWasSavedBothTextsStay() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    ScriptedBackend scripted =
        new ScriptedBackend(backend)
            .onCommit(
                transaction -> {
                  throw lost();
                });

    requireRefused(
        text, KeptTextSave.Onto.KNOWN, scripted, "It is not known whether the kept text ");

    assertThat(texts.list()).hasSize(2).contains(text);
  }

  @Test
  void aServerThatIsGoneLeavesTheTextAlone() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = rejected(NOTE, Optional.of(Version.of(RIVALS)));
    ScriptedBackend scripted =
        new ScriptedBackend(backend)
            .onCommit(
                transaction -> {
                  throw new BackendUnavailableException("Nobody answers.", null);
                });
    requireRefused(
        text,
        KeptTextSave.Onto.KNOWN,
        scripted,
        "The kept text " + text.id() + " was not saved: Nobody answers.");
    assertThat(onlyText()).isEqualTo(text);
  }

  @Test
  void whatWasToBeAppendedIsAppendedWhateverIsThere() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = keep(NOTE, Reason.UNSAVED, Optional.empty(), Optional.empty());

    apply(text);

    assertThat(content(NOTE)).contains(Bytes.utf8("rival'smine"));
    assertThat(texts.list()).isEmpty();
    apply(keep(Cell.string(Bytes.utf8("new")), Reason.UNSAVED, Optional.empty(), Optional.empty()));
    assertThat(content(Cell.string(Bytes.utf8("new")))).contains(MINE);
  }

  @Test
  void whatMayHaveBeenAppendedIsLookedAtFirst() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = keep(NOTE, Reason.UNCERTAIN, Optional.empty(), Optional.empty());
    requireRefused(text, KeptTextSave.Onto.KNOWN, backend, "It is not known whether the text ");
    assertThat(content(NOTE)).contains(RIVALS);

    save.apply(text, KeptTextSave.Onto.CURRENT, backend);

    assertThat(content(NOTE)).contains(Bytes.utf8("rival'smine"));
  }

  @Test
  void anAppendIsNotDoneTwiceWhenTheAnswerIsLost() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = keep(NOTE, Reason.UNSAVED, Optional.empty(), Optional.empty());
    ScriptedBackend scripted =
        new ScriptedBackend(backend)
            .onCommit(
                transaction -> {
                  backend.commit(transaction);
                  throw lost();
                });
    save.apply(text, KeptTextSave.Onto.KNOWN, scripted);
    assertThat(content(NOTE)).contains(Bytes.utf8("rival'smine"));
    assertThat(texts.list()).isEmpty();
  }

  @Test
  void anAppendBesideARivalsIsTriedAgainByThePerson() throws Exception {
    put(NOTE, RIVALS);
    KeptText text = keep(NOTE, Reason.UNSAVED, Optional.empty(), Optional.empty());
    ScriptedBackend scripted =
        new ScriptedBackend(backend).beforeRead(() -> put(NOTE, Bytes.utf8("third")));
    requireRefused(text, KeptTextSave.Onto.KNOWN, scripted, "was changed while the text ");
    assertThat(content(NOTE)).contains(Bytes.utf8("third"));
    assertThat(onlyText()).isEqualTo(text);
  }

  private void requireRefused(
      KeptText text, KeptTextSave.Onto onto, Backend where, String sentence) {
    assertThatThrownBy(() -> save.apply(text, onto, where))
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILURE))
        .hasMessageContaining(sentence)
        .hasMessageContaining(text.id());
    assertThat(Files.exists(text.file())).isTrue();
  }

  private void apply(KeptText text) throws Exception {
    save.apply(text, KeptTextSave.Onto.KNOWN, backend);
  }

  private KeptText onlyText() throws IOException {
    assertThat(texts.list()).hasSize(1);
    return texts.list().get(0);
  }

  private KeptText rejected(Cell cell, Optional<Version> found) throws IOException {
    return keep(cell, Reason.REJECTED, Optional.of(Version.of(Bytes.utf8("base"))), found);
  }

  private KeptText keep(
      Cell cell, Reason reason, Optional<Version> expected, Optional<Version> found)
      throws IOException {
    return texts.keep(
        "memory",
        cell,
        reason,
        expected,
        found,
        "vim (1)",
        "Somebody else saved.",
        out -> out.write(ByteBuffer.wrap(MINE.toByteArray())));
  }

  private void put(Cell cell, Bytes content) {
    backend.commit(Transaction.of(new Change.Put(cell, content)));
  }

  private Optional<Bytes> content(Cell cell) {
    return backend.read(cell).map(Snapshot::content);
  }

  private static OutcomeUnknownException lost() {
    return new OutcomeUnknownException("The answer was lost.", null);
  }
}
