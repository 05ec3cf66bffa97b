package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that live on this machine only, as their names say. */
class ScratchFilesTest {

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    store.begin();
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".note.swp",
        ".note.swx",
        ".a.b.swo",
        ".swp",
        "note~",
        ".note~",
        "page.text~",
        ".#note",
        "#note#",
        "#page.text#",
        ".DS_Store",
        "._note",
        ".goutputstream-AB12CD"
      })
  void aScratchFileIsAFileOfThisMachine(String name) {
    one.save(name, "first");
    assertThat(two.cat(name)).isEqualTo("first");
    one.append(name, " and more");
    assertThat(two.stat(name).size()).isEqualTo(14);
    assertThat(two.stat(name).kind()).isEqualTo(FileKind.FILE);
    assertThat(fs.list("")).containsExactly(name);
    one.saveInPlace(name, "2nd");
    one.truncate(name, 2);
    assertThat(two.cat(name)).isEqualTo("2n");
    one.rm(name);
    assertThat(two.exists(name)).isFalse();
    assertThat(fs.list("")).isEmpty();
    assertThat(store.cells()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.lock",
        ".lock",
        "sedentary",
        "sed",
        "4913",
        "4914",
        "49130",
        "#note",
        "note#",
        "swap",
        "DS_Store",
        "~note",
        ".gitignore",
        "note.tmp",
        "note.bak",
        "note.orig",
        "note.swap"
      })
  void aNameThatPeopleUseIsAnOrdinaryFile(String name) {
    one.save(name, "first");
    assertThat(fs.cells()).hasSize(1);
    assertThat(two.cat(name)).isEqualTo("first");
  }

  @Test
  void aNameAsOfSedOrOfVimsProbeIsScratchOnlyIfItIsMadeExclusively() {
    one.save("sedABC", "ordinary");
    assertThat(fs.get("sedABC")).contains("ordinary");
    long handle = one.create("sedABC123", WRITE, EXCLUSIVE);
    one.write(handle, 0, "scratch");
    one.close(handle);
    one.close(one.create("4913", WRITE, EXCLUSIVE));
    one.save("sedentary", "ordinary");
    assertThat(two.cat("sedABC123")).isEqualTo("scratch");
    assertThat(two.exists("4913")).isTrue();
    assertThat(fs.keys()).containsExactly("sedABC", "sedentary");
  }

  @Test
  void whatLooksLikeScratchAndIsAKeyIsThatKey() {
    fs.set("note~", "real");
    fs.hset("page", "text~", "real");
    fs.set("4913", "real");
    fs.set(".a.swp", "real");
    for (String name : List.of("note~", "page.text~", "4913", ".a.swp")) {
      assertThat(one.cat(name)).isEqualTo("real");
      one.save(name, "saved");
    }
    assertThat(fs.get("note~")).contains("saved");
    assertThat(fs.hget("page", "text~")).contains("saved");
    assertThat(fs.list("")).containsExactly(".a.swp", "4913", "note~", "page.text~");
    one.rm("note~");
    assertThat(fs.get("note~")).isEmpty();
  }

  @Test
  void aDirectoryOfAScratchNameIsAnOrdinaryDirectory() {
    one.mkdir("backup~");
    one.save("backup~/note", "text");
    assertThat(fs.get("backup~:note")).contains("text");
    assertThat(two.cat("backup~/note")).isEqualTo("text");
  }

  @Test
  void anExclusiveCreationSucceedsOnce() {
    long handle = one.create(".note.swp", READ, WRITE, EXCLUSIVE);
    assertThat(errorOf(() -> two.create(".note.swp", WRITE, EXCLUSIVE))).isEqualTo(FsError.EXISTS);
    assertThat(errorOf(() -> two.symlink("x", ".note.swp"))).isEqualTo(FsError.EXISTS);
    one.close(handle);
    one.rm(".note.swp");
    two.close(two.create(".note.swp", WRITE, EXCLUSIVE));
  }

  @Test
  void whatIsNotThereIsNotThere() {
    assertThat(one.exists("note~")).isFalse();
    assertThat(errorOf(() -> one.open("note~", READ))).isEqualTo(FsError.NO_ENTRY);
    assertThat(errorOf(() -> one.rm("note~"))).isEqualTo(FsError.NO_ENTRY);
    assertThat(errorOf(() -> one.mv("note~", "note"))).isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void handlesShareAScratchFileAlsoAfterItsNameIsGone() {
    long writer = one.create("note~", READ, WRITE);
    long reader = two.open("note~", READ);
    one.write(writer, 0, "text");
    assertThat(two.read(reader)).isEqualTo("text");
    one.rm("note~");
    one.save("note~", "another");
    one.write(writer, 4, " and more");
    assertThat(two.read(reader)).isEqualTo("text and more");
    one.close(writer);
    two.close(reader);
    assertThat(two.cat("note~")).isEqualTo("another");
  }

  @Test
  void appendersOfAScratchFileWriteAtItsEnd() {
    long first = one.create("note~", WRITE, APPEND);
    long second = two.create("note~", WRITE, APPEND);
    one.write(first, 0, "a");
    two.write(second, 0, "b");
    one.write(first, 0, "c");
    one.close(first);
    two.close(second);
    assertThat(one.cat("note~")).isEqualTo("abc");
    long handle = one.open("note~", WRITE, TRUNCATE);
    assertThat(two.stat("note~").size()).isZero();
    one.close(handle);
  }

  @Test
  void aScratchFileHasAttributesOfItsOwn() {
    one.save("note~", "text");
    long node = one.node("note~");
    Instant past = Workspace.START.minusSeconds(1000);
    fs.files.setAttributes(
        node, OptionalLong.empty(), AttributeChange.permissions(0600), one.caller());
    fs.files.setAttributes(
        node,
        OptionalLong.empty(),
        AttributeChange.times(Optional.of(past), Optional.of(past)),
        one.caller());
    assertThat(two.stat("note~").permissions()).isEqualTo(0600);
    assertThat(two.stat("note~").modified()).isEqualTo(past);
    assertThat(two.stat("note~").inode())
        .isEqualTo(fs.files.attributes(node, Workspace.ME).inode());
    fs.now.set(Workspace.START.plusSeconds(60));
    one.save("note~", "more");
    assertThat(two.stat("note~").modified()).isEqualTo(Workspace.START.plusSeconds(60));
  }

  @Test
  void aLargeScratchFileIsReadAsItWasWritten() {
    String text = "0123456789abcdef".repeat(1 << 18);
    long handle = one.create(".note.swp", READ, WRITE);
    one.write(handle, 0, text);
    one.write(handle, 1 << 20, "changed");
    assertThat(one.read(handle, (1 << 20) - 2, 11)).isEqualTo("efchanged78");
    assertThat(one.stat(".note.swp").size()).isEqualTo(4 << 20);
    one.close(handle);
    assertThat(store.cells()).isEmpty();
  }

  // ---- symbolic links

  @Test
  void aSymlinkOfAScratchNameIsOneOfThisMachine() {
    fs.set("dir:other", "x");
    one.symlink("../elsewhere", "dir/.#note");
    assertThat(two.readLink("dir/.#note")).isEqualTo("../elsewhere");
    assertThat(two.stat("dir/.#note").kind()).isEqualTo(FileKind.SYMLINK);
    assertThat(two.stat("dir/.#note").size()).isEqualTo(12);
    assertThat(fs.list("dir")).containsExactly(".#note", "other");
    one.mv("dir/.#note", ".#moved");
    assertThat(two.readLink(".#moved")).isEqualTo("../elsewhere");
    one.rm(".#moved");
    assertThat(fs.list("")).containsExactly("dir");
  }

  @Test
  void aSymlinkOfAnOrdinaryNameIsRefused() {
    assertThat(errorOf(() -> one.symlink("target", "link"))).isEqualTo(FsError.NOT_PERMITTED);
    assertThat(fs.keys()).isEmpty();
    one.symlink("target", ".#link");
    assertThat(errorOf(() -> one.mv(".#link", "link")))
        .isIn(FsError.NOT_PERMITTED, FsError.CROSS_DEVICE);
    assertThat(two.readLink(".#link")).isEqualTo("target");
    one.save("note~", "text");
    assertThat(errorOf(() -> one.readLink("note~"))).isEqualTo(FsError.INVALID);
  }

  @Test
  void theTtlOfAKeyIsNoConcernOfItsBackups() {
    fs.set("note", "text");
    fs.expire("note", Duration.ofHours(1));
    one.save("note~", "backup");
    one.rm("note~");
    assertThat(fs.ttl("note")).isPresent();
    assertThat(store.historyOf("note")).containsExactly("(absent)", "text");
  }

  @Test
  void nothingOfItIsLeftWhenTheMountEnds() {
    one.save("note~", "text");
    long handle = one.create(".note.swp", WRITE);
    one.write(handle, 0, "text");
    fs.files.close();
    assertThat(store.cells()).isEmpty();
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void thereAreOnlySoMany() {
    for (int i = 0; i < 10_000; i++) {
      one.close(one.create(i + "~", WRITE));
    }
    assertThat(errorOf(() -> one.create("more~", WRITE))).isEqualTo(FsError.NO_SPACE);
    assertThat(errorOf(() -> one.symlink("x", ".#more"))).isEqualTo(FsError.NO_SPACE);
    one.save("0~", "text");
    one.rm("1~");
    one.save("more~", "text");
    assertThat(two.cat("more~")).isEqualTo("text");
    one.save("note", "text");
    assertThat(fs.keys()).containsExactly("note");
  }
}
