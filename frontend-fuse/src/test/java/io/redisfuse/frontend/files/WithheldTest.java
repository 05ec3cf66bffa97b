package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Names that a process has taken away and that may come again: files renamed to a scratch name, and
 * files that were unlinked while they were open. The store is told when it is known what was meant.
 */
class WithheldTest {

  private static final Set<Thread.State> WAITS =
      Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.BLOCKED);

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    for (Kind kind : Kind.values()) {
      kind.set(fs, "v1");
      fs.expire(kind.key, Duration.ofHours(1));
    }
    fs.set("dir:other", "untouched");
    store.begin();
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private static void eventually(ThrowingCallable assertion) {
    await().atMost(Duration.ofSeconds(10)).untilAsserted(assertion::call);
  }

  /** The process ends, and whatever follows from that happens. */
  private void settle() {
    fs.processes.end(1);
    eventually(() -> assertThat(fs.get("note")).isEmpty());
  }

  // ---- mv f f~

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRenameToABackupIsSeenHereAtOnceAndInTheStoreNotYet(Kind kind) {
    one.mv(kind.path, kind.path + "~");
    for (Program program : new Program[] {one, two}) {
      assertThat(program.exists(kind.path)).isFalse();
      assertThat(program.cat(kind.path + "~")).isEqualTo("v1");
      assertThat(program.stat(kind.path + "~").size()).isEqualTo(2);
    }
    String directory = kind.sibling("");
    assertThat(fs.list(directory)).contains(Workspace.name(kind.path).toUtf8() + "~");
    assertThat(fs.list(directory)).doesNotContain(Workspace.name(kind.path).toUtf8());
    assertThat(store.historyOf(kind.cell())).containsExactly("v1");
    assertThat(store.cells()).noneMatch(cell -> cell.endsWith("~"));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whenTheProcessEndsItWasARename(Kind kind) {
    one.mv(kind.path, kind.path + "~");
    fs.processes.end(1);
    eventually(() -> assertThat(kind.get(fs)).isEmpty());
    assertThat(store.historyOf(kind.cell() + "~")).containsExactly("(absent)", "v1");
    assertThat(fs.ttl(kind == Kind.FIELD ? "page" : kind.key + "~")).isPresent();
    assertThat(fs.program(3).cat(kind.path + "~")).isEqualTo("v1");
    assertThat(fs.program(3).exists(kind.path)).isFalse();
    fs.program(3).mv(kind.path + "~", kind.path);
    assertThat(fs.program(3).cat(kind.path)).isEqualTo("v1");
  }

  /** Starts something while the rename of an ended process happens, and waits for its end. */
  private void whileItIsRenamed(Kind kind, Runnable action) {
    one.mv(kind.path, kind.path + "~");
    FutureTask<Void> task = new FutureTask<>(action, /* result= */ null);
    Thread thread = new Thread(task, "meanwhile");
    store.afterNextCommit(
        () -> {
          thread.start();
          await()
              .atMost(Duration.ofSeconds(10))
              .until(() -> WAITS.contains(thread.getState()) || task.isDone());
        });
    fs.processes.end(1);
    eventually(() -> assertThat(task).isDone());
    assertThatNoException().isThrownBy(task::get);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoMovesItBackWhileItIsRenamedGetsAllOfIt(Kind kind) {
    whileItIsRenamed(kind, () -> two.mv(kind.path + "~", kind.path));
    assertThat(two.cat(kind.path)).isEqualTo("v1");
    assertThat(kind.get(fs)).contains("v1");
    assertThat(two.exists(kind.path + "~")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoMovesItToAnotherScratchNameWhileItIsRenamedMovesIt(Kind kind) {
    whileItIsRenamed(kind, () -> two.mv(kind.path + "~", kind.path + ".bak~"));
    assertThat(two.cat(kind.path + ".bak~")).isEqualTo("v1");
    assertThat(two.exists(kind.path + "~")).isFalse();
    assertThat(two.exists(kind.path)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoRemovesItWhileItIsRenamedRemovesIt(Kind kind) {
    whileItIsRenamed(kind, () -> two.rm(kind.path + "~"));
    assertThat(two.exists(kind.path + "~")).isFalse();
    assertThat(two.exists(kind.path)).isFalse();
    assertThat(store.historyOf(kind.cell() + "~")).endsWith("(absent)");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoReplacesItWhileItIsRenamedReplacesIt(Kind kind) {
    fs.set("other", "v2");
    whileItIsRenamed(kind, () -> two.mv("other", kind.path + "~"));
    assertThat(two.cat(kind.path + "~")).isEqualTo("v2");
    assertThat(two.exists(kind.path)).isFalse();
    assertThat(two.exists("other")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoReadsItWhileItIsRenamedReadsAllOfIt(Kind kind) {
    whileItIsRenamed(kind, () -> assertThat(two.cat(kind.path + "~")).isEqualTo("v1"));
  }

  @Test
  void whenAMinuteHasPassedItWasARename() {
    one.mv("note", "note~");
    fs.now.set(Workspace.START.plusSeconds(61));
    eventually(() -> assertThat(fs.get("note~")).contains("v1"));
    assertThat(fs.get("note")).isEmpty();
    assertThat(fs.ttl("note~")).isPresent();
    assertThat(one.cat("note~")).isEqualTo("v1");
  }

  @Test
  void beforeAMinuteHasPassedAProcessThatLivesMayStillWriteIt() {
    one.mv("note", "note~");
    fs.now.set(Workspace.START.plusSeconds(55));
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(10))
        .until(() -> fs.keys().contains("note") && !fs.keys().contains("note~"));
    one.save("note", "v2");
    assertThat(store.historyOf("note")).containsExactly("v1", "v2");
  }

  @Test
  void whenTheMountEndsItWasARename() {
    one.mv("note", "note~");
    fs.files.close();
    assertThat(fs.get("note")).isEmpty();
    assertThat(fs.get("note~")).contains("v1");
    assertThat(fs.ttl("note~")).isPresent();
  }

  @Test
  void noReaderOfTheStoreMissesItWhileItIsRenamed() {
    one.mv("note", "note~");
    settle();
    assertThat(fs.get("note~")).contains("v1");
    assertThat(store.historyOf("note")).containsExactly("v1", "(absent)");
    assertThat(store.historyOf("note~")).containsExactly("(absent)", "v1");
  }

  @Test
  void whoMovesItBackHasDoneNothing() {
    one.mv("note", "note~");
    two.mv("note~", "note");
    assertThat(one.cat("note")).isEqualTo("v1");
    assertThat(one.exists("note~")).isFalse();
    fs.processes.end(1);
    fs.now.set(Workspace.START.plusSeconds(61));
    fs.files.close();
    assertThat(store.historyOf("note")).containsExactly("v1");
    assertThat(store.cells()).doesNotContain("note~");
    assertThat(fs.ttl("note")).isPresent();
  }

  @Test
  void whoRemovesTheBackupHasRemovedTheFile() {
    one.mv("note", "note~");
    two.rm("note~");
    assertThat(one.exists("note~")).isFalse();
    assertThat(one.exists("note")).isFalse();
    settle();
    assertThat(fs.keys()).doesNotContain("note", "note~");
  }

  @Test
  void whoRenamesTheBackupOnHasRenamedTheFile() {
    one.mv("note", "note~");
    two.mv("note~", "renamed");
    assertThat(two.cat("renamed")).isEqualTo("v1");
    settle();
    assertThat(fs.get("renamed")).contains("v1");
    assertThat(fs.ttl("renamed")).isPresent();
    assertThat(fs.keys()).doesNotContain("note", "note~");
  }

  @Test
  void whoRenamesTheBackupToAnotherBackupHasNotLostIt() {
    one.mv("note", "note~");
    one.mv("note~", "note.old~");
    assertThat(two.cat("note.old~")).isEqualTo("v1");
    settle();
    assertThat(fs.cells()).contains("note.old~").doesNotContain("note", "note~");
  }

  @Test
  void aBackupThatReplacesABackupLosesNothingElse() {
    one.save("note~", "an old backup");
    one.mv("note", "note~");
    assertThat(two.cat("note~")).isEqualTo("v1");
    settle();
    assertThat(fs.get("note~")).contains("v1");
  }

  @Test
  void anExistingKeyOfABackupsNameIsReplacedAtOnce() {
    fs.set("note~", "real");
    assertThat(one.cat("note~")).isEqualTo("real");
    one.mv("note", "note~");
    assertThat(two.cat("note~")).isEqualTo("v1");
    assertThat(two.exists("note")).isFalse();
    settle();
    assertThat(fs.get("note~")).contains("v1");
  }

  @Test
  void aBackupThatIsWrittenBeforeItIsSettledIsWhatIsRenamed() {
    one.mv("note", "note~");
    two.save("note~", "changed");
    settle();
    assertThat(fs.get("note~")).contains("changed");
  }

  // ---- the name is given again

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoWritesTheNameAgainHasSaved(Kind kind) {
    one.mv(kind.path, kind.path + "~");
    one.save(kind.path, "v2");
    fs.processes.end(1);
    fs.now.set(Workspace.START.plusSeconds(61));
    fs.files.close();
    assertThat(store.historyOf(kind.cell())).containsExactly("v1", "v2");
    assertThat(store.cells()).noneMatch(cell -> cell.endsWith("~"));
    assertThat(fs.ttl(kind.key)).isPresent();
  }

  @Test
  void whoRenamesATemporaryFileToTheNameHasSaved() {
    one.mv("note", "note~");
    one.saveByRename("note", "tmp", "v2");
    one.rm("note~");
    assertThat(store.historyOf("note")).containsExactly("v1", "v2");
    assertThat(fs.ttl("note")).isPresent();
  }

  @Test
  void aChildThatWritesTheNameAgainLosesNothing() {
    one.mv("note", "note~");
    fs.child(5, 1).save("note", "v2");
    fs.processes.end(1);
    fs.files.close();
    assertThat(store.historyOf("note")).startsWith("v1").endsWith("v2").doesNotContain("");
    assertThat(fs.ttl("note").isPresent() || fs.get("note~").isPresent()).isTrue();
  }

  @Test
  void anotherProcessThatMakesTheNameMakesANewFile() {
    one.mv("note", "note~");
    two.save("note", "two's");
    assertThat(fs.get("note")).contains("two's");
    fs.processes.end(1);
    eventually(() -> assertThat(fs.get("note~")).contains("v1"));
    assertThat(two.cat("note~")).isEqualTo("v1");
    assertThat(two.cat("note")).isEqualTo("two's");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void aRivalWhoWritesTheNameMeanwhileIsNotObliterated() {
    one.mv("note", "note~");
    fs.set("note", "rival's");
    fs.processes.end(1);
    eventually(() -> assertThat(fs.get("note~")).contains("v1"));
    assertThat(fs.get("note")).contains("rival's");
    eventually(() -> assertThat(two.cat("note")).isEqualTo("rival's"));
    assertThat(store.historyOf("note")).containsExactly("v1", "rival's");
  }

  @Test
  void aRivalWhoWritesTheNameMeanwhileIsAConflictOfWhoWritesItAgain() {
    one.mv("note", "note~");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> one.save("note", "v2"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(two.cat("note")).isEqualTo("rival's");
    fs.processes.end(1);
    fs.files.close();
    assertThat(store.historyOf("note")).containsExactly("v1", "rival's");
  }

  @Test
  void aRivalWhoDeletesTheNameMeanwhileDoesNotMakeTheRenameFail() {
    one.mv("note", "note~");
    fs.del("note");
    assertThat(two.exists("note")).isFalse();
    fs.processes.end(1);
    fs.files.close();
    assertThat(fs.get("note")).isEmpty();
  }

  @Test
  void aFileWithUnsavedChangesIsRenamedWithThem() {
    long handle = one.open("note", READ, WRITE);
    one.write(handle, 0, "changed");
    one.mv("note", "note~");
    assertThat(one.read(handle)).isEqualTo("changed");
    one.close(handle);
    settle();
    assertThat(fs.get("note~")).contains("changed");
  }

  // ---- directories

  @Test
  void aDirectoryWithABackupIsNotEmpty() {
    fs.del("dir:other");
    one.mv("dir/note", "dir/note~");
    assertThat(errorOf(() -> two.rmdir("dir"))).isEqualTo(FsError.NOT_EMPTY);
    fs.processes.end(1);
    eventually(() -> assertThat(fs.get("dir:note~")).contains("v1"));
  }

  @Test
  void aDirectoryThatIsRenamedTakesItsBackupsAlong() {
    one.mv("dir/note", "dir/note~");
    two.mv("dir", "moved");
    assertThat(two.cat("moved/note~")).isEqualTo("v1");
    fs.processes.end(1);
    eventually(() -> assertThat(fs.get("moved:note~")).contains("v1"));
    assertThat(fs.keys()).containsExactly("moved:note~", "moved:other", "note", "page");
  }

  // ---- unlinked while open

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFileThatItsProcessHasOpenIsRemovedWhenItIsClosed(Kind kind) {
    long handle = one.open(kind.path, READ);
    one.rm(kind.path);
    assertThat(two.exists(kind.path)).isFalse();
    assertThat(kind.get(fs)).contains("v1");
    assertThat(one.read(handle)).isEqualTo("v1");
    one.close(handle);
    assertThat(kind.get(fs)).isEmpty();
    assertThat(two.exists(kind.path)).isFalse();
  }

  @Test
  void aFileThatOnlyAnotherProcessHasOpenIsRemovedAtOnce() {
    long handle = two.open("note", READ);
    one.rm("note");
    assertThat(fs.get("note")).isEmpty();
    assertThat(two.read(handle)).isEqualTo("v1");
    two.close(handle);
  }

  @Test
  void aRivalWhoWritesWhatIsUnlinkedIsNotRemoved() {
    long handle = one.open("note", READ);
    one.rm("note");
    fs.set("note", "rival's");
    one.close(handle);
    assertThat(fs.get("note")).contains("rival's");
    eventually(() -> assertThat(two.cat("note")).isEqualTo("rival's"));
  }

  @Test
  void anotherProcessThatMakesWhatIsUnlinkedMakesANewFile() {
    long handle = one.open("note", READ);
    one.rm("note");
    two.save("note", "two's");
    one.close(handle);
    assertThat(fs.get("note")).contains("two's");
    assertThat(two.cat("note")).isEqualTo("two's");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void whatIsUnlinkedIsRemovedWhenTheMountEnds() {
    long handle = one.open("note", READ);
    one.rm("note");
    assertThat(fs.get("note")).contains("v1");
    fs.files.close();
    assertThat(fs.get("note")).isEmpty();
    assertThat(handle).isPositive();
  }

  @Test
  void aFileThatIsWrittenAndUnlinkedIsNeverSaved() {
    long handle = one.open("note", READ, WRITE);
    one.write(handle, 0, "never");
    one.rm("note");
    one.close(handle);
    assertThat(store.historyOf("note")).containsExactly("v1", "(absent)");
  }
}
