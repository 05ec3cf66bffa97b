package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What single programs do beside saving, and rivals who write in the middle of their calls. */
class EditorsDetailsTest {

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;
  private Program program;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    fs.set("note", "first text");
    fs.expire("note", Duration.ofHours(1));
    store.begin();
    program = fs.program(1);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  /** As an editor that copies the file before it writes into it. */
  private void copyToBackup() {
    long source = program.open("note", READ);
    long backup = program.create("note~", WRITE, EXCLUSIVE);
    program.write(backup, 0, program.read(source));
    program.close(source);
    program.close(backup);
  }

  // ---- vim

  @Test
  void vimsSwapFileIsNeverInTheStore() {
    long probe = program.create(".note.swp", READ, WRITE, EXCLUSIVE);
    long second = program.create(".note.swx", READ, WRITE, EXCLUSIVE);
    program.close(second);
    program.rm(".note.swx");
    program.write(probe, 4096, "block");
    program.fsync(probe);
    assertThat(program.stat(".note.swp").size()).isEqualTo(4101);
    assertThat(program.read(probe, 4096, 5)).isEqualTo("block");
    assertThat(errorOf(() -> fs.program(2).create(".note.swp", READ, WRITE, EXCLUSIVE)))
        .isEqualTo(FsError.EXISTS);
    program.close(probe);
    program.rm(".note.swp");
    assertThat(store.cells()).containsExactly("note");
    assertThat(fs.list("")).containsExactly("note");
  }

  @Test
  void vimsBackupDoesNotCountAsHavingReadARivalsVersion() {
    program.cat("note");
    fs.set("note", "rival's");
    long source = program.open("note", READ);
    long backup = program.create("note~", WRITE, EXCLUSIVE);
    program.write(backup, 0, program.read(source));
    program.close(backup);
    program.close(source);
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(program.cat("note~")).isEqualTo("rival's");
  }

  @Test
  void aBackupThatIsClosedAfterTheFileDoesNotCountEither() {
    program.cat("note");
    fs.set("note", "rival's");
    long source = program.open("note", READ);
    String text = program.read(source);
    long backup = program.create("note~", WRITE, TRUNCATE);
    program.close(source);
    program.write(backup, 0, text);
    program.close(backup);
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aBackupInThePlaceOfAnOldOneDoesNotCountEither() {
    program.save("note~", "old backup");
    program.cat("note");
    fs.set("note", "rival's");
    long source = program.open("note", READ);
    long backup = program.create("note~", WRITE, TRUNCATE);
    program.write(backup, 0, program.read(source));
    program.close(source);
    program.close(backup);
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aBackupOfWhatWasNotReadBeforeIsNoReading() {
    copyToBackup();
    program.save("note", "second");
    assertThat(fs.get("note")).contains("second");
  }

  @Test
  void aBackupInAnotherFileSystemDoesNotCountEither() {
    program.cat("note");
    fs.set("note", "rival's");
    long source = program.open("note", READ);
    fs.processes.writing.put(1, "note~");
    assertThat(program.read(source)).isEqualTo("rival's");
    fs.processes.writing.clear();
    program.close(source);
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aBackupInAnotherFileSystemDoesNotMakeOneForgetThatItWasTold() {
    program.cat("note");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    long source = program.open("note", READ);
    fs.processes.writing.put(1, "%home%me%note~");
    assertThat(program.read(source)).isEqualTo("rival's");
    program.close(source);
    program.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void whatAProcessReadsWhileItWritesAnythingElseCounts() {
    program.cat("note");
    fs.set("note", "rival's");
    fs.processes.writing.put(1, "other~");
    program.cat("note");
    program.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
  }

  @Test
  void vimDoesNotRestoreItsBackupOverARivalWhoCameBeforeTheSave() {
    program.cat("note");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> Editor.VIM_COPYING.save(program, "note", "mine")))
        .isEqualTo(FsError.CONFLICT);
    fs.processes.end(1);
    fs.files.close();
    assertThat(store.historyOf("note")).containsExactly("first text", "rival's");
  }

  @Test
  void vimDoesNotRestoreItsBackupOverARivalWhoCameAfterTheBackup() {
    program.cat("note");
    long source = program.open("note", READ);
    long backup = program.create("note~", READ, WRITE, EXCLUSIVE);
    program.write(backup, 0, program.read(source));
    program.close(source);
    program.close(backup);
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> program.save("note", program.cat("note~"))))
        .isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    program.save("note", "mine again");
    assertThat(fs.get("note")).contains("mine again");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void vimDoesNotRestoreItsBackupOverARivalWhoCameAfterTheFailure() {
    program.cat("note");
    fs.set("note", "rival's");
    copyToBackup();
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    fs.set("note", "next rival's");
    assertThat(errorOf(() -> program.save("note", "rival's"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("next rival's");
  }

  @Test
  void vimThatIsSlowDoesNotRestoreItsBackupEither() {
    program.cat("note");
    fs.set("note", "rival's");
    copyToBackup();
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    fs.set("note", "next rival's");
    fs.now.set(Workspace.START.plusSeconds(8));
    assertThat(errorOf(() -> program.save("note", "rival's"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("next rival's");
  }

  @Test
  void whatWasThereBeforeCanBeSavedAfterAWhile() {
    program.cat("note");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> program.save("note", "first text"))).isEqualTo(FsError.CONFLICT);
    fs.now.set(Workspace.START.plusSeconds(8));
    assertThat(errorOf(() -> program.save("note", "first text"))).isEqualTo(FsError.CONFLICT);
    fs.now.set(Workspace.START.plusSeconds(11));
    program.save("note", "first text");
    assertThat(fs.get("note")).contains("first text");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void vimThatIsSlowToPutItsBackupBackIsStillToldOfTheRival() {
    program.cat("note");
    program.mv("note", "note~");
    long handle = program.create("note", WRITE, TRUNCATE);
    program.write(handle, 0, "mine");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    fs.now.set(Workspace.START.plusSeconds(8));
    program.rm("note");
    program.mv("note~", "note");
    assertThat(store.historyOf("note")).containsExactly("first text", "rival's");
    program.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void vimPutsItsBackupBackOverARivalOfWhateverMoment() {
    program.cat("note");
    program.mv("note", "note~");
    long handle = program.create("note", WRITE, TRUNCATE);
    program.write(handle, 0, "mine");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.fsync(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    program.rm("note");
    program.mv("note~", "note");
    assertThat(fs.get("note")).contains("rival's");
    assertThat(program.cat("note")).isEqualTo("rival's");
    assertThat(program.exists("note~")).isFalse();
    assertThat(store.historyOf("note")).containsExactly("first text", "rival's");
  }

  @Test
  void vimPutsItsBackupBackWhereItsSaveNeverBegan() {
    program.cat("note");
    program.mv("note", "note~");
    program.mv("note~", "note");
    fs.processes.end(1);
    fs.files.close();
    assertThat(store.historyOf("note")).containsExactly("first text");
    assertThat(fs.keys()).containsExactly("note");
  }

  @Test
  void twoVimsOfOneShellAreRivals() {
    Program first = fs.child(11, 10);
    Program second = fs.child(12, 10);
    first.cat("note");
    second.cat("note");
    Editor.VIM_RENAMING.save(first, "note", "the first's");
    assertThat(errorOf(() -> Editor.VIM_RENAMING.save(second, "note", "the second's")))
        .isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("the first's");
  }

  // ---- emacs

  @Test
  void emacsLocksAFileByASymlinkThatOnlyThisMachineKnows() {
    program.symlink("user@host.4711:1", ".#note");
    assertThat(program.readLink(".#note")).isEqualTo("user@host.4711:1");
    assertThat(fs.stat(".#note").kind()).isEqualTo(FileKind.SYMLINK);
    assertThat(errorOf(() -> fs.program(2).symlink("other@host.1:1", ".#note")))
        .isEqualTo(FsError.EXISTS);
    assertThat(fs.list("")).containsExactly(".#note", "note");
    program.rm(".#note");
    assertThat(program.exists(".#note")).isFalse();
    assertThat(store.cells()).containsExactly("note");
  }

  @Test
  void emacsKeepsTheOldTextAsABackupOnThisMachine() {
    program.cat("note");
    Editor.EMACS.save(program, "note", "second");
    assertThat(program.cat("note~")).isEqualTo("first text");
    fs.processes.end(1);
    fs.now.set(Workspace.START.plusSeconds(120));
    assertThat(fs.program(2).cat("note~")).isEqualTo("first text");
    assertThat(fs.list("")).containsExactly("note", "note~");
    assertThat(store.cells()).containsExactly("note");
  }

  @Test
  void emacsSavesByItselfOnThisMachine() {
    program.save("#note#", "what was typed");
    assertThat(program.cat("#note#")).isEqualTo("what was typed");
    assertThat(store.cells()).containsExactly("note");
    program.rm("#note#");
    assertThat(fs.list("")).containsExactly("note");
  }

  // ---- joe, sed

  @Test
  void joesBackupStaysOnThisMachine() {
    program.cat("note");
    Editor.JOE.save(program, "note", "second");
    assertThat(program.cat("note~")).isEqualTo("first text");
    assertThat(store.cells()).containsExactly("note");
  }

  @Test
  void sedDoesNotReplaceWhatARivalWroteWhileItWasReading() {
    long source = program.open("note", READ);
    long target = program.create("sedAbC123", WRITE, EXCLUSIVE);
    program.write(target, 0, program.read(source).replace("first", "edited"));
    fs.set("note", "rival's");
    program.close(source);
    program.close(target);
    assertThat(errorOf(() -> program.mv("sedAbC123", "note"))).isEqualTo(FsError.CONFLICT);
    program.rm("sedAbC123");
    assertThat(fs.get("note")).contains("rival's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("edited text");
  }

  @Test
  void aSaveUnderATemporaryNameThatIsStillOpenIsASave() {
    program.cat("note");
    long target = program.create("note.tmp", WRITE, TRUNCATE);
    program.write(target, 0, "second");
    program.mv("note.tmp", "note");
    assertThat(fs.get("note")).contains("second");
    program.write(target, 6, " and more");
    program.close(target);
    assertThat(fs.get("note")).contains("second and more");
    assertThat(fs.keys()).containsExactly("note");
    assertThat(fs.ttl("note")).isPresent();
  }

  @Test
  void aDeletedStringWithADotInItsNameIsAConflictToo() {
    fs.set("config.json", "1");
    program.cat("config.json");
    fs.del("config.json");
    assertThat(errorOf(() -> program.save("config.json", "2"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.keys()).containsExactly("note");
    program.save("config.json", "3");
    assertThat(fs.cells()).hasSize(2);
    assertThat(program.cat("config.json")).isEqualTo("3");
  }

  @Test
  void anotherFieldOfTheHashIsNoRival() {
    fs.hset("page", "text", "first text");
    fs.hset("page", "title", "first title");
    for (Editor editor : Editor.values()) {
      program.cat("page.text");
      fs.hset("page", "title", editor.name());
      editor.save(program, "page.text", "by " + editor);
      assertThat(fs.hget("page", "text")).contains("by " + editor);
      assertThat(fs.hget("page", "title")).contains(editor.name());
    }
  }

  @Test
  void whoWritesInPlaceAndIsRejectedDoesNotPutBackWhatHeHadRead() {
    fs.set("note", "first");
    Program vim = fs.program(200);
    assertThat(vim.cat("note")).isEqualTo("first");
    fs.set("note", "rival");
    long handle = vim.create("note", WRITE);
    assertThat(errorOf(() -> saveThrough(vim, handle))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> vim.save("note", "first"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival");
    assertThat(fs.kept(Reason.OVERWRITTEN)).isEmpty();
  }

  @Test
  void whoIsRejectedDoesNotPutBackWhatHisBackupHoldsThoughHeHasNotReadThat() {
    fs.set("note", "first");
    Program vim = fs.program(200);
    assertThat(vim.cat("note")).isEqualTo("first");
    fs.set("note", "second");
    long source = vim.open("note", READ);
    long backup = vim.create("note~", WRITE, EXCLUSIVE);
    vim.write(backup, 0, vim.read(source));
    vim.close(backup);
    vim.close(source);
    fs.set("note", "third");
    assertThat(errorOf(() -> vim.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> vim.save("note", "second"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("third");
  }

  private static void saveThrough(Program program, long handle) {
    try {
      program.write(handle, 0, "mine ");
    } finally {
      program.close(handle);
    }
  }
}
