package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that keep a file open while they change it, or its name. */
class OpenHandlesTest {

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

  // ---- unlink and create again, as perl -pi did before 5.28

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoUnlinksAnOpenFileAndMakesItAgainHasSavedIt(Kind kind) {
    long old = program.open(kind.path, READ);
    program.rm(kind.path);
    long fresh = program.create(kind.path, WRITE, EXCLUSIVE);
    program.write(fresh, 0, program.read(old) + " edited");
    program.close(old);
    assertThat(kind.get(fs)).contains("first text");
    program.close(fresh);
    assertThat(store.historyOf(kind.cell())).containsExactly("first text", "first text edited");
    assertThat(fs.ttl(kind.key)).isPresent();
    assertThat(fs.cells()).containsExactly("dir:note", "dir:other", "note", "page.text");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whoUnlinksAnOpenFileAndMakesItAgainDoesNotObliterateARival(Kind kind) {
    long old = program.open(kind.path, READ);
    kind.set(fs, "rival's");
    program.rm(kind.path);
    long fresh = program.create(kind.path, WRITE, TRUNCATE);
    program.write(fresh, 0, "mine");
    assertThat(errorOf(() -> program.close(fresh))).isEqualTo(FsError.CONFLICT);
    program.close(old);
    assertThat(store.historyOf(kind.cell())).containsExactly("first text", "rival's");
    assertThat(fs.program(2).cat(kind.path)).isEqualTo("rival's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRivalWhoWritesBetweenTheUnlinkAndTheSaveIsNotObliteratedEither(Kind kind) {
    long old = program.open(kind.path, READ);
    program.rm(kind.path);
    long fresh = program.create(kind.path, WRITE, TRUNCATE);
    program.write(fresh, 0, "mine");
    program.close(old);
    kind.set(fs, "rival's");
    assertThat(errorOf(() -> program.close(fresh))).isEqualTo(FsError.CONFLICT);
    assertThat(store.historyOf(kind.cell())).containsExactly("first text", "rival's");
    assertThat(fs.program(2).cat(kind.path)).isEqualTo("rival's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine");
  }

  @Test
  void whoUnlinksAClosedFileAndMakesItAgainMakesANewOne() {
    program.cat("note");
    program.rm("note");
    assertThat(fs.get("note")).isEmpty();
    program.save("note", "second");
    assertThat(fs.get("note")).contains("second");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void aRivalWhoMakesAFileThatWasUnlinkedIsNotObliterated() {
    program.cat("note");
    program.rm("note");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
  }

  // ---- in place

  @Test
  void whoTruncatesAnOpenFileSavesWhatHeWroteAfterwards() {
    long handle = program.open("note", READ, WRITE);
    assertThat(program.read(handle)).isEqualTo("first text");
    program.truncate(program.node("note"), handle, 0);
    assertThat(fs.get("note")).contains("first text");
    program.write(handle, 0, "2nd");
    program.close(handle);
    assertThat(store.historyOf("note")).containsExactly("first text", "2nd");
  }

  @Test
  void everyCloseAndEveryFsyncOfAFailedHandleTellsOfIt() {
    long handle = program.open("note", READ, WRITE);
    program.write(handle, 0, "mine, mine");
    fs.set("note", "rival's");
    for (int i = 0; i < 3; i++) {
      assertThat(errorOf(() -> program.fsync(handle))).isEqualTo(FsError.CONFLICT);
      assertThat(errorOf(() -> program.flush(handle))).isEqualTo(FsError.CONFLICT);
    }
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine, mine");
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void twoHandlesOfOneProcessAreNoRivals() {
    long one = program.open("note", READ, WRITE);
    long two = program.open("note", READ, WRITE);
    program.write(one, 0, "FIRST");
    program.flush(one);
    program.write(two, 6, "TEXT");
    program.close(two);
    program.write(one, 10, "!");
    program.close(one);
    assertThat(fs.get("note")).contains("FIRST TEXT!");
  }

  @Test
  void anOpenFileThatIsDeletedOrBecomesAListIsAConflict() {
    long handle = program.open("note", READ, WRITE);
    program.write(handle, 0, "mine, mine");
    fs.del("note");
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    fs.set("note", "again");
    program.cat("note");
    long next = program.open("note", READ, WRITE);
    program.write(next, 0, "2nd");
    memory.putList(Bytes.utf8("note"), List.of(Bytes.utf8("item")));
    assertThat(errorOf(() -> program.close(next))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine, mine", "2ndin");
    assertThat(fs.backend.elements(Bytes.utf8("note"))).hasSize(1);
  }

  @Test
  void whatAReleaseCouldNotSaveIsKeptAsUnsavedOrRejected() {
    long handle = program.open("note", READ, WRITE);
    program.write(handle, 0, "by mmap...");
    fs.set("note", "rival's");
    fs.files.release(handle);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(fs.kept(Reason.REJECTED).size() + fs.kept(Reason.UNSAVED).size()).isEqualTo(1);
  }

  // ---- appending

  @ParameterizedTest
  @EnumSource(Rival.class)
  void whoAppendsNeverConflicts(Rival rival) {
    for (Kind kind : Kind.values()) {
      program.cat(kind.path);
      String there = rival.after(fs, kind).orElse("");
      program.append(kind.path, " mine");
      assertThat(kind.get(fs)).contains(there + " mine");
      program.append(kind.path, " too");
      assertThat(kind.get(fs)).contains(there + " mine too");
    }
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void whoAppendedToWhatHeHasNotReadMayNotReplaceIt() {
    program.cat("note");
    fs.set("note", "rival's");
    program.append("note", " mine");
    assertThat(errorOf(() -> program.save("note", "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's mine");
  }

  @Test
  void writingAfterAppendingAfterWritingIsNoConflict() {
    program.cat("note");
    for (int i = 0; i < 3; i++) {
      program.save("note", "a");
      program.append("note", "b");
      program.append("note", "c");
    }
    assertThat(fs.get("note")).contains("abc");
    long handle = program.open("note", WRITE, APPEND);
    program.write(handle, 0, "d");
    program.fsync(handle);
    program.write(handle, 0, "e");
    program.close(handle);
    program.save("note", "f");
    assertThat(fs.get("note")).contains("f");
  }
}
