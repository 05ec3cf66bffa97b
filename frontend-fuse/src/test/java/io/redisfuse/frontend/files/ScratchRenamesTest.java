package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
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

/**
 * Scratch files that get another name, in the same directory or another, or whose directory does.
 */
class ScratchRenamesTest {

  @TempDir Path kept;
  private MemoryBackend memory;
  private WitnessedBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    memory = new MemoryBackend();
    store = new WitnessedBackend(memory);
    fs = new Workspace(store, kept);
    fs.set("dir:other", "untouched");
    store.begin();
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  // ---- to ordinary names

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aScratchFileThatGetsAnOrdinaryNameIsSaved(Kind kind) {
    one.saveByRename(kind.path, kind.sibling("#x#"), "text");
    assertThat(kind.get(fs)).contains("text");
    assertThat(two.cat(kind.path)).isEqualTo("text");
    assertThat(two.exists(kind.sibling("#x#"))).isFalse();
    assertThat(fs.cells()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void itReplacesWhatIsThereAndKeepsTypeAndTtl(Kind kind) {
    kind.set(fs, "old");
    fs.expire(kind.key, Duration.ofHours(1));
    one.saveByRename(kind.path, kind.sibling("x~"), "new");
    assertThat(store.historyOf(kind.cell())).containsExactly("(absent)", "old", "new");
    assertThat(fs.ttl(kind.key)).isPresent();
  }

  @Test
  void itGoesOnAsTheFileForWhoHasItOpen() {
    long writer = one.create("x~", READ, WRITE);
    long reader = two.open("x~", READ);
    one.write(writer, 0, "a");
    one.mv("x~", "note");
    assertThat(fs.get("note")).contains("a");
    one.write(writer, 1, "b");
    assertThat(two.read(reader)).isEqualTo("ab");
    one.fsync(writer);
    assertThat(fs.get("note")).contains("ab");
    one.write(writer, 2, "c");
    one.close(writer);
    two.close(reader);
    assertThat(fs.get("note")).contains("abc");
    assertThat(one.cat("note")).isEqualTo("abc");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void whoGoesOnWritingAfterTheRenameConflictsWithRivals() {
    long writer = one.create("x~", READ, WRITE);
    one.write(writer, 0, "a");
    one.mv("x~", "note");
    fs.set("note", "rival's");
    one.write(writer, 1, "b");
    assertThat(errorOf(() -> one.close(writer))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("ab");
  }

  @Test
  void theRenameExpectsWhatTheProcessHasReadOfTheTarget() {
    fs.set("note", "v1");
    one.cat("note");
    fs.set("note", "rival's");
    one.save("x~", "mine");
    assertThat(errorOf(() -> one.mv("x~", "note"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(one.cat("x~")).isEqualTo("mine");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine");
    one.mv("x~", "note");
    assertThat(fs.get("note")).contains("mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void mvWhichNeverReadTheTargetReplacesIt() {
    fs.set("note", "v1");
    one.cat("note");
    fs.set("note", "v2");
    one.save("x~", "mine");
    fs.child(3, 1).mv("x~", "note");
    assertThat(fs.get("note")).contains("mine");
  }

  @Test
  void aScratchFileReplacesNoCollectionAndNoDirectory() {
    memory.putList(Bytes.utf8("list"), List.of(Bytes.utf8("item")));
    fs.set("any", "so that the index has seen the list");
    one.save("x~", "text");
    assertThat(errorOf(() -> one.mv("x~", "list"))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> one.mv("x~", "dir"))).isEqualTo(FsError.IS_DIRECTORY);
    assertThat(one.cat("x~")).isEqualTo("text");
    assertThat(fs.backend.elements(Bytes.utf8("list"))).hasSize(1);
  }

  @Test
  void aLargeScratchFileIsSavedWhole() {
    String text = "0123456789abcdef".repeat(1 << 17);
    one.saveByRename("large", "x~", text);
    assertThat(fs.get("large")).contains(text);
  }

  // ---- to scratch names

  @Test
  void aScratchFileThatGetsAnotherScratchNameReplacesWhatHadIt() {
    one.save("a~", "a");
    one.save("b~", "b");
    long handle = two.open("b~", READ);
    one.mv("a~", "b~");
    assertThat(fs.list("")).containsExactly("b~", "dir");
    assertThat(two.cat("b~")).isEqualTo("a");
    assertThat(two.read(handle)).isEqualTo("b");
    two.close(handle);
    one.mv("b~", "dir/c~");
    assertThat(two.cat("dir/c~")).isEqualTo("a");
    one.mv("dir/c~", "dir/c~");
    assertThat(two.cat("dir/c~")).isEqualTo("a");
    assertThat(store.cells()).containsExactly("dir:other");
  }

  @Test
  void aKeyOfAScratchNameIsReplacedInTheStore() {
    fs.set("note~", "real");
    one.save("x~", "mine");
    one.mv("x~", "note~");
    assertThat(two.cat("note~")).isEqualTo("mine");
    assertThat(fs.list("")).containsExactly("dir", "note~");
    one.rm("note~");
    assertThat(fs.keys()).containsExactly("dir:other");
  }

  // ---- directories

  @Test
  void aScratchFileInADirectoryIsThereAndNowhereElse() {
    one.save("dir/x~", "text");
    assertThat(fs.list("dir")).containsExactly("other", "x~");
    assertThat(fs.list("")).containsExactly("dir");
    assertThat(two.exists("x~")).isFalse();
    one.mv("dir/x~", "note");
    assertThat(fs.get("note")).contains("text");
    assertThat(fs.keys()).containsExactly("dir:other", "note");
  }

  @Test
  void aDirectoryWithAScratchFileIsNotEmpty() {
    one.mkdir("sub");
    one.save("sub/x~", "text");
    assertThat(errorOf(() -> one.rmdir("sub"))).isEqualTo(FsError.NOT_EMPTY);
    one.rm("sub/x~");
    one.rmdir("sub");
    assertThat(fs.list("")).containsExactly("dir");
  }

  @Test
  void aDirectoryTakesItsScratchFilesAlong() {
    one.mkdir("dir/sub");
    one.save("dir/x~", "text");
    one.save("dir/sub/y~", "deeper");
    long handle = one.open("dir/x~", READ, WRITE);
    two.mv("dir", "moved");
    assertThat(two.cat("moved/x~")).isEqualTo("text");
    assertThat(two.cat("moved/sub/y~")).isEqualTo("deeper");
    one.write(handle, 0, "TEXT");
    one.close(handle);
    assertThat(two.cat("moved/x~")).isEqualTo("TEXT");
    assertThat(two.exists("dir")).isFalse();
    assertThat(fs.keys()).noneMatch(key -> key.endsWith("~"));
  }

  @Test
  void aDirectoryIsNotReplacedWhileItHasAScratchFile() {
    one.mkdir("empty");
    one.save("empty/x~", "text");
    assertThat(errorOf(() -> one.mv("dir", "empty"))).isEqualTo(FsError.NOT_EMPTY);
    assertThat(two.cat("empty/x~")).isEqualTo("text");
  }

  @Test
  void aDirectoryWhoseLastKeyIsGoneStillHasItsScratchFiles() {
    one.save("dir/x~", "text");
    fs.del("dir:other");
    assertThat(two.cat("dir/x~")).isEqualTo("text");
    assertThat(fs.list("dir")).containsExactly("x~");
    one.mv("dir/x~", "dir/note");
    assertThat(fs.get("dir:note")).contains("text");
  }
}
