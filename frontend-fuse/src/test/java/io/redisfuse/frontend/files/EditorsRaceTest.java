package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rivals who write in the last moment, when all that can be known before a commit is known. */
class EditorsRaceTest {

  @TempDir Path kept;
  private MemoryBackend memory;
  private WitnessedBackend store;
  private Workspace fs;
  private Program program;

  @BeforeEach
  void start() {
    memory = new MemoryBackend();
    store = new WitnessedBackend(memory);
    fs = new Workspace(store, kept);
    for (Kind kind : Kind.values()) {
      kind.set(fs, "first text");
      fs.expire(kind.key, Duration.ofHours(1));
    }
    fs.set("dir:other", "untouched");
    store.begin();
    program = fs.program(1);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  static Stream<Arguments> editorsAndKinds() {
    return EditorsTest.editorsAndKinds()
        .filter(arguments -> arguments.get()[0] != Editor.TRUNCATED_BY_NAME);
  }

  /** Not through the witness, who is busy with the commit just then. */
  private void put(Kind kind, String text) {
    memory.commit(Transaction.of(new Change.Put(kind.inStore(), Bytes.utf8(text))));
  }

  private void delete(Kind kind) {
    memory.commit(Transaction.of(new Change.Delete(kind.inStore())));
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void aRivalWhoWritesJustBeforeTheCommitIsNotObliterated(Editor editor, Kind kind) {
    program.cat(kind.path);
    store.beforeCommitOf(kind.inStore(), () -> put(kind, "rival's"));
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(kind.get(fs)).contains("rival's");
    assertThat(store.historyOf(kind.cell())).doesNotContain("mine", "(absent)");
    fs.processes.end(1);
    fs.files.close();
    assertThat(kind.get(fs)).contains("rival's");
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void aRivalWhoDeletesJustBeforeTheCommitIsNotContradicted(Editor editor, Kind kind) {
    program.cat(kind.path);
    store.beforeCommitOf(kind.inStore(), () -> delete(kind));
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(kind.get(fs)).isEmpty();
    assertThat(store.historyOf(kind.cell())).doesNotContain("mine");
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void aSecondRivalWhoWritesJustBeforeTheSecondCommitWinsAgain(Editor editor, Kind kind) {
    program.cat(kind.path);
    kind.set(fs, "rival's");
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    store.beforeCommitOf(kind.inStore(), () -> put(kind, "next rival's"));
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine 2")))
        .isEqualTo(FsError.CONFLICT);
    assertThat(kind.get(fs)).contains("next rival's");
    assertThat(fs.kept(Reason.OVERWRITTEN)).isEmpty();
    editor.save(program, kind.path, "mine 3");
    assertThat(kind.get(fs)).contains("mine 3");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("next rival's");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRivalWhoWritesJustBeforeARenameIsSettledLosesNothing(Kind kind) {
    program.mv(kind.path, kind.path + "~");
    store.beforeCommitOf(kind.inStore(), () -> put(kind, "rival's"));
    fs.processes.end(1);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(store.historyOf(kind.cell() + "~")).endsWith("first text"));
    assertThat(kind.get(fs)).contains("rival's");
    assertThat(store.historyOf(kind.cell())).containsExactly("first text", "rival's");
  }

  @Test
  void aRivalWhoWritesJustBeforeARemovalIsCommittedLosesNothing() {
    long handle = program.open("note", OpenMode.Flag.READ);
    program.rm("note");
    store.beforeCommitOf(Kind.STRING.inStore(), () -> put(Kind.STRING, "rival's"));
    program.close(handle);
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aRivalWhoMakesTheTargetAgainJustBeforeARenameIsNotObliterated() {
    program.cat("note");
    fs.del("note");
    program.save("tmp~", "mine");
    assertThat(errorOf(() -> program.mv("tmp~", "note"))).isEqualTo(FsError.CONFLICT);
    store.beforeCommitOf(Kind.STRING.inStore(), () -> put(Kind.STRING, "rival's"));
    assertThat(errorOf(() -> program.mv("tmp~", "note"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(program.cat("tmp~")).isEqualTo("mine");
  }
}
