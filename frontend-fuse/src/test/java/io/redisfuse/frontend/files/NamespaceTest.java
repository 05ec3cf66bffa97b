package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.ME;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.files.FileSystemOptions.Access;
import io.redisfuse.frontend.files.FileSystemOptions.DirectoryMarkers;
import io.redisfuse.frontend.names.NewFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceTest {

  @TempDir Path rejected;
  private MemoryBackend backend;
  private Workspace fs;

  @BeforeEach
  void start() {
    backend = new MemoryBackend();
    fs = new Workspace(backend, rejected);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  // ---- new files

  @Test
  void aNameWithoutADotOrEndingInLockIsAString() {
    fs.save("bob", "1");
    fs.save(".gitignore", "2");
    fs.save("a.b.lock", "3");
    assertThat(fs.keys()).containsExactly(".gitignore", "a.b.lock", "bob");
    assertThat(fs.get("a.b.lock")).contains("3");
  }

  @Test
  void anExtensionIsAFieldUnlessTheBaseIsAString() {
    fs.save("hello.txt", "1");
    assertThat(fs.hget("hello", "txt")).contains("1");
    fs.save("bob", "1");
    fs.save("bob.hello", "2");
    assertThat(fs.get("bob.hello")).contains("2");
    fs.save("x.y.z", "3");
    assertThat(fs.hget("x", "y.z")).contains("3");
    assertThat(fs.list("")).containsExactly("bob", "bob.hello", "hello.txt", "x.y.z");
  }

  @Test
  void withStringsOnlyEveryNewFileIsAString() {
    fs.close();
    fs =
        new Workspace(
            new MemoryBackend(),
            rejected,
            "",
            ":",
            NewFiles.STRINGS,
            Access.READ_WRITE,
            DirectoryMarkers.KEYS);
    fs.save("hello.txt", "1");
    assertThat(fs.get("hello.txt")).contains("1");
    fs.hset("h", "f", "2");
    assertThat(fs.cat("h.f")).isEqualTo("2");
  }

  @Test
  void aHashCannotBecomeAString() {
    fs.hset("h", "f", "1");
    assertThat(errorOf(() -> fs.create("h", WRITE))).isEqualTo(FsError.EXISTS);
    fs.save("s", "x");
    assertThat(errorOf(() -> fs.mv("s", "h"))).isEqualTo(FsError.EXISTS);
    assertThat(fs.hget("h", "f")).contains("1");
  }

  @Test
  void theOnlyFieldOfAHashMayBecomeTheStringOfItsName() {
    fs.save("f.new", "1");
    fs.expire("f", Duration.ofMinutes(10));
    fs.mv("f.new", "f");
    assertThat(fs.keys()).containsExactly("f");
    assertThat(fs.get("f")).contains("1");
    assertThat(fs.ttl("f")).isPresent();
    assertThat(fs.list("")).containsExactly("f");
    assertThat(fs.cat("f")).isEqualTo("1");
    assertThat(fs.exists("f.new")).isFalse();
  }

  @Test
  void theOnlyFieldOfAHashMayBecomeItsStringWhileItIsWritten() {
    fs.save("f.new", "1");
    long handle = fs.open("f.new", WRITE);
    fs.write(handle, 1, "2");
    fs.mv("f.new", "f");
    assertThat(fs.get("f")).contains("12");
    fs.write(handle, 2, "3");
    fs.close(handle);
    assertThat(fs.get("f")).contains("123");
    assertThat(fs.keys()).containsExactly("f");
  }

  @Test
  void oneOfTwoFieldsCannotBecomeTheStringOfTheirHash() {
    fs.save("f.new", "1");
    fs.save("f.old", "2");
    assertThat(errorOf(() -> fs.mv("f.new", "f"))).isEqualTo(FsError.EXISTS);
    assertThat(fs.hget("f", "new")).contains("1");
    assertThat(fs.hget("f", "old")).contains("2");
  }

  @Test
  void whatAProcessRenamesAwayAndMakesAgainStaysWhatItWas() {
    fs.set("config.json", "1");
    fs.expire("config.json", Duration.ofMinutes(10));
    fs.mv("config.json", "config.json~");
    fs.save("config.json", "2");
    fs.rm("config.json~");
    assertThat(fs.keys()).containsExactly("config.json");
    assertThat(fs.get("config.json")).contains("2");
    assertThat(fs.ttl("config.json")).isPresent();
    fs.save("config.json", "3");
    assertThat(fs.ttl("config.json")).isPresent();
  }

  @Test
  void whatAProcessUnlinksAndMakesAgainStaysWhatItWas() {
    fs.hset("h", "f", "1");
    fs.expire("h", Duration.ofMinutes(10));
    fs.rm("h.f");
    long handle = fs.create("h.f", WRITE, EXCLUSIVE);
    fs.write(handle, 0, "2");
    fs.close(handle);
    assertThat(fs.hget("h", "f")).contains("2");
    assertThat(fs.ttl("h")).isPresent();

    fs.set("s", "1");
    fs.expire("s", Duration.ofMinutes(10));
    fs.rm("s");
    handle = fs.create("s", WRITE, APPEND);
    fs.write(handle, 0, "2");
    fs.close(handle);
    assertThat(fs.get("s")).contains("2");
    assertThat(fs.ttl("s")).isPresent();
  }

  @Test
  void whatAProcessRenamesAwayAndReplacesStaysWhatItWas() {
    fs.set("config.json", "1");
    fs.expire("config.json", Duration.ofMinutes(10));
    fs.save("new", "2");
    fs.mv("config.json", "config.json~");
    fs.mv("new", "config.json");
    assertThat(fs.get("config.json")).contains("2");
    assertThat(fs.ttl("config.json")).isPresent();
  }

  @Test
  void whatAnotherProcessMakesIsNew() {
    fs.set("config.json", "1");
    fs.expire("config.json", Duration.ofMinutes(10));
    fs.mv("config.json", "old");
    Caller other = new Caller(ME.thread() + 1, ME.user(), ME.group());
    fs.close(
        fs.files
            .create(FileSystem.ROOT, Bytes.utf8("config.json"), 0644, OpenMode.of(WRITE), other)
            .handle());
    assertThat(fs.hget("config", "json")).contains("");
    assertThat(fs.ttl("config")).isEmpty();
    assertThat(fs.ttl("old")).isPresent();
  }

  @Test
  void whatIsMadeAMinuteLaterIsNew() {
    fs.set("note", "1");
    fs.expire("note", Duration.ofMinutes(10));
    fs.rm("note");
    fs.now.set(Workspace.START.plusSeconds(61));
    fs.save("note", "2");
    assertThat(fs.ttl("note")).isEmpty();
  }

  @Test
  void namesThatCannotBeAreRefused() {
    assertThat(errorOf(() -> fs.create("x".repeat(256), WRITE))).isEqualTo(FsError.NAME_TOO_LONG);
    assertThat(errorOf(() -> fs.create("%value", WRITE))).isEqualTo(FsError.INVALID);
    assertThat(errorOf(() -> fs.mkdir(".redisfuse"))).isEqualTo(FsError.NOT_PERMITTED);
  }

  // ---- what is there

  @Test
  void keysOfOthersAreFilesInDirectories() {
    fs.set(".git:info:exclude", "x");
    fs.hset(".git:hooks:post-update", "sample", "y");
    assertThat(fs.cat(".git/info/exclude")).isEqualTo("x");
    assertThat(fs.cat(".git/hooks/post-update.sample")).isEqualTo("y");
    assertThat(fs.list(".git")).containsExactly("hooks", "info");
    assertThat(fs.list(".git/hooks")).containsExactly("post-update.sample");
    assertThat(fs.stat(".git").kind()).isEqualTo(FileKind.DIRECTORY);
  }

  @Test
  void aKeyThatIsAValueAndADirectoryShowsItsValueInside() {
    fs.set("a", "own");
    fs.set("a:b", "below");
    assertThat(fs.list("")).containsExactly("a");
    assertThat(fs.list("a")).containsExactly("%value", "b");
    assertThat(fs.cat("a/%value")).isEqualTo("own");
    fs.save("a/%value", "new");
    assertThat(fs.get("a")).contains("new");
    fs.rm("a/b");
    assertThat(fs.cat("a/%value")).isEqualTo("new");
    assertThat(errorOf(() -> fs.rmdir("a"))).isEqualTo(FsError.NOT_EMPTY);
    fs.rm("a/%value");
    fs.rmdir("a");
    assertThat(fs.exists("a")).isFalse();
  }

  @Test
  void aHashBesideADirectoryOfItsNameIsFieldsBesideTheDirectory() {
    fs.hset("a", "f", "1");
    fs.set("a:b", "2");
    assertThat(fs.list("")).containsExactly("a", "a.f");
    assertThat(fs.list("a")).containsExactly("b");
  }

  @Test
  void collidingNamesAreAllReachable() {
    fs.set("a.b.c", "string");
    fs.hset("a", "b.c", "field b.c of a");
    fs.hset("a.b", "c", "field c of a.b");
    assertThat(fs.list("")).containsExactly("a%2Eb%2Ec", "a%2Eb.c", "a.b.c");
    assertThat(fs.cat("a%2Eb%2Ec")).isEqualTo("string");
    assertThat(fs.cat("a%2Eb.c")).isEqualTo("field c of a.b");
    assertThat(fs.cat("a.b.c")).isEqualTo("field b.c of a");
  }

  @Test
  void aShortenedNameIsReachable() {
    String key = "k".repeat(300);
    fs.set(key, "long");
    String name = fs.list("").get(0);
    assertThat(name.length()).isLessThanOrEqualTo(255);
    assertThat(fs.cat(name)).isEqualTo("long");
    assertThat(fs.files.lookup(FileSystem.ROOT, Bytes.utf8(name)).size()).isEqualTo(4);
    fs.save(name, "longer");
    assertThat(fs.get(key)).contains("longer");
  }

  @Test
  void aPrefixAndAnotherDelimiterShowAPartOfTheKeys() {
    fs.close();
    fs =
        new Workspace(
            new MemoryBackend(),
            rejected,
            "templates/",
            "/",
            NewFiles.RULES,
            Access.READ_WRITE,
            DirectoryMarkers.KEYS);
    fs.set("templates/a/b", "1");
    fs.set("other/c", "2");
    fs.set("templates/x:y", "3");
    assertThat(fs.list("")).containsExactly("a", "x:y");
    fs.save("a/new", "4");
    assertThat(fs.get("templates/a/new")).contains("4");
  }

  @Test
  void reservedKeysAreNotShown() {
    fs.set(".redisfuse:x", "1");
    fs.set("y", "2");
    assertThat(fs.list("")).containsExactly("y");
    assertThat(fs.exists(".redisfuse")).isFalse();
  }

  // ---- directories

  @Test
  void anEmptyDirectoryIsAMarkerKey() {
    fs.mkdir("a");
    fs.mkdir("a/b");
    assertThat(fs.keys()).containsExactly("a:", "a:b:");
    assertThat(fs.list("")).containsExactly("a");
    assertThat(fs.list("a")).containsExactly("b");
    assertThat(errorOf(() -> fs.mkdir("a"))).isEqualTo(FsError.EXISTS);
    assertThat(errorOf(() -> fs.rmdir("a"))).isEqualTo(FsError.NOT_EMPTY);
    fs.rmdir("a/b");
    fs.rmdir("a");
    assertThat(fs.keys()).isEmpty();
    assertThat(fs.list("")).isEmpty();
  }

  @Test
  void withLocalMarkersNothingIsWrittenForADirectory() {
    fs.close();
    fs =
        new Workspace(
            new MemoryBackend(),
            rejected,
            "",
            ":",
            NewFiles.RULES,
            Access.READ_WRITE,
            DirectoryMarkers.LOCAL);
    fs.mkdir("a");
    assertThat(fs.keys()).isEmpty();
    assertThat(fs.list("")).containsExactly("a");
    fs.rmdir("a");
    assertThat(fs.list("")).isEmpty();
  }

  @Test
  void aDirectoryStaysWhenItsLastKeyIsRemovedHere() {
    fs.set("a:b", "1");
    fs.rm("a/b");
    assertThat(fs.keys()).isEmpty();
    assertThat(fs.list("")).containsExactly("a");
    fs.rmdir("a");
    assertThat(fs.list("")).isEmpty();
  }

  @Test
  void aMarkedDirectoryGoesWhenAnotherMountRemovesIt() {
    fs.mkdir("a");
    fs.save("a/b", "1");
    fs.rm("a/b");
    assertThat(fs.list("")).containsExactly("a");
    fs.del("a:");
    assertThat(fs.list("")).isEmpty();
    assertThat(fs.exists("a")).isFalse();
  }

  @Test
  void aDirectoryWithAnUnsavedFileIsNotEmpty() {
    fs.mkdir("a");
    long handle = fs.create("a/f", WRITE);
    assertThat(errorOf(() -> fs.rmdir("a"))).isEqualTo(FsError.NOT_EMPTY);
    fs.close(handle);
  }

  // ---- unlink

  @Test
  void anUnlinkedFileLivesOnForThoseWhoHaveItOpen() {
    fs.save("f", "old");
    long inode = fs.stat("f").inode();
    long handle = fs.open("f", READ, WRITE);
    fs.rm("f");
    assertThat(fs.exists("f")).isFalse();
    // It may be about to be made anew by the process that has it open.
    assertThat(fs.get("f")).contains("old");
    assertThat(fs.read(handle)).isEqualTo("old");
    fs.write(handle, 3, "er");
    assertThat(fs.read(handle)).isEqualTo("older");
    fs.save("f", "new");
    assertThat(fs.stat("f").inode()).isNotEqualTo(inode);
    fs.close(handle);
    assertThat(fs.get("f")).contains("new");
  }

  @Test
  void anUnsavedFileCanBeUnlinked() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "x");
    fs.rm("f");
    assertThat(fs.list("")).isEmpty();
    fs.close(handle);
    assertThat(fs.keys()).isEmpty();
  }

  @Test
  void removingTheLastFieldRemovesTheHash() {
    fs.hset("h", "f", "1");
    fs.rm("h.f");
    assertThat(fs.keys()).isEmpty();
    assertThat(fs.list("")).isEmpty();
  }

  // ---- rename

  @Test
  void filesMoveBetweenStringsAndFields() {
    fs.save("s", "1");
    fs.mv("s", "t");
    assertThat(fs.get("t")).contains("1");
    fs.mv("t", "h.f");
    assertThat(fs.hget("h", "f")).contains("1");
    fs.mv("h.f", "h.g");
    assertThat(fs.hget("h", "g")).contains("1");
    fs.mv("h.g", "i.f");
    assertThat(fs.hget("i", "f")).contains("1");
    fs.mv("i.f", "u");
    assertThat(fs.get("u")).contains("1");
    assertThat(fs.keys()).containsExactly("u");
    assertThat(errorOf(() -> fs.mv("nothing", "x"))).isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void aRenameReplacesAndTheReplacedFileLivesOnForThoseWhoHaveItOpen() {
    fs.save("old", "old");
    fs.save("new", "new");
    long handle = fs.open("old", READ, WRITE);
    long inode = fs.stat("new").inode();
    fs.mv("new", "old");
    assertThat(fs.get("old")).contains("new");
    assertThat(fs.list("")).containsExactly("old");
    assertThat(fs.stat("old").inode()).isEqualTo(inode);
    assertThat(fs.read(handle)).isEqualTo("old");
    fs.write(handle, 0, "lost");
    fs.close(handle);
    assertThat(fs.get("old")).contains("new");
  }

  @Test
  void aRenameKeepsTheTtlOfTheMovedAndElseOfTheReplacedKey() {
    fs.set("f", "v1");
    fs.expire("f", Duration.ofHours(1));
    fs.save("f.tmp.lock", "v2");
    fs.mv("f.tmp.lock", "f");
    assertThat(fs.get("f")).contains("v2");
    assertThat(fs.ttl("f").orElseThrow()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    fs.mv("f", "g");
    assertThat(fs.ttl("g")).isPresent();
    fs.save("h", "x");
    fs.mv("g", "h");
    assertThat(fs.ttl("h")).isPresent();
  }

  @Test
  void aDirtyFileIsSavedByItsRename() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "w");
    fs.mv("f", "g");
    assertThat(fs.get("g")).contains("w1");
    assertThat(fs.get("f")).isEmpty();
    fs.write(handle, 1, "2");
    fs.close(handle);
    assertThat(fs.get("g")).contains("w2");
    assertThat(fs.keys()).containsExactly("g");
  }

  @Test
  void aDirtyFileThatARivalChangedIsNotSavedByItsRename() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "w");
    fs.set("f", "rival");
    assertThat(errorOf(() -> fs.mv("f", "g"))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("rival");
    assertThat(fs.keys()).containsExactly("f");
  }

  @Test
  void anUnsavedFileIsCreatedUnderItsNewName() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "x");
    fs.mv("f", "g");
    assertThat(fs.get("g")).contains("x");
    assertThat(fs.keys()).containsExactly("g");
    fs.close(handle);
    assertThat(fs.list("")).containsExactly("g");
  }

  @Test
  void anUnsavedFileCanBeReplaced() {
    fs.save("f", "x");
    long handle = fs.create("g", WRITE);
    fs.write(handle, 0, "lost");
    fs.mv("f", "g");
    fs.close(handle);
    assertThat(fs.get("g")).contains("x");
    assertThat(fs.keys()).containsExactly("g");
  }

  @Test
  void aDirectoryMovesWithAllThatIsInIt() {
    fs.mkdir("a");
    fs.mkdir("a/empty");
    fs.save("a/b", "1");
    fs.save("a/h.f", "2");
    fs.set("a", "own");
    fs.expire("a:b", Duration.ofHours(1));
    long handle = fs.open("a/b", READ, WRITE);
    long unsaved = fs.create("a/new", WRITE);
    fs.mv("a", "z");
    assertThat(fs.list("")).containsExactly("z");
    assertThat(fs.list("z")).containsExactly("%value", "b", "empty", "h.f", "new");
    fs.write(handle, 1, "2");
    fs.close(handle);
    fs.close(unsaved);
    assertThat(fs.keys()).containsExactly("z", "z:", "z:b", "z:empty:", "z:h", "z:new");
    assertThat(fs.get("z:b")).contains("12");
    assertThat(fs.ttl("z:b")).isPresent();
  }

  @Test
  void aDirectoryReplacesAnEmptyOneAndNoOther() {
    fs.mkdir("a");
    fs.save("a/f", "1");
    fs.mkdir("empty");
    fs.mkdir("full");
    fs.save("full/f", "2");
    fs.save("file", "3");
    assertThat(errorOf(() -> fs.mv("a", "full"))).isEqualTo(FsError.NOT_EMPTY);
    assertThat(errorOf(() -> fs.mv("a", "file"))).isEqualTo(FsError.NOT_DIRECTORY);
    assertThat(errorOf(() -> fs.mv("file", "empty"))).isEqualTo(FsError.IS_DIRECTORY);
    assertThat(errorOf(() -> fs.mv("a", "a/b"))).isEqualTo(FsError.INVALID);
    fs.mv("a", "empty");
    assertThat(fs.keys()).containsExactly("empty:", "empty:f", "file", "full:", "full:f");
  }

  @Test
  void aDirectoryNextToAHashOfItsNameMovesAlone() {
    fs.hset("a", "f", "1");
    fs.set("a:b", "2");
    fs.mv("a", "z");
    assertThat(fs.keys()).containsExactly("a", "z:b");
  }

  // ---- collections

  @Test
  void collectionsAreReadOnlyText() {
    backend.putList(Bytes.utf8("list"), java.util.List.of(Bytes.utf8("b"), Bytes.utf8("a\n\\")));
    assertThat(fs.cat("list")).isEqualTo("b\na\\n\\\\\n");
    assertThat(fs.stat("list").size()).isEqualTo(fs.cat("list").length());
    assertThat(fs.stat("list").permissions()).isEqualTo(0444);
    assertThat(errorOf(() -> fs.open("list", WRITE))).isEqualTo(FsError.ACCESS);
    assertThat(
            errorOf(
                () ->
                    fs.files.setAttributes(
                        fs.node("list"), OptionalLong.empty(), AttributeChange.size(0), ME)))
        .isEqualTo(FsError.ACCESS);
    fs.save("f", "x");
    assertThat(errorOf(() -> fs.mv("f", "list"))).isEqualTo(FsError.ACCESS);
    fs.mv("list", "moved.list");
    assertThat(fs.cat("moved.list")).startsWith("b\n");
    assertThat(fs.keys()).containsExactly("f", "moved.list");
    fs.hset("h", "f", "1");
    assertThat(errorOf(() -> fs.mv("moved.list", "h"))).isEqualTo(FsError.EXISTS);
    fs.rm("moved.list");
    assertThat(fs.keys()).containsExactly("f", "h");
  }

  // ---- attributes

  @Test
  void whatAUserSetsStaysForTheLifeOfTheMount() {
    fs.save("f", "x");
    Instant then = Instant.parse("2020-02-02T02:02:02.123456789Z");
    long node = fs.node("f");
    fs.files.setAttributes(node, OptionalLong.empty(), AttributeChange.permissions(0600), ME);
    fs.files.setAttributes(
        node,
        OptionalLong.empty(),
        AttributeChange.times(Optional.of(then), Optional.of(then)),
        ME);
    fs.files.setAttributes(
        node,
        OptionalLong.empty(),
        AttributeChange.ownership(OptionalInt.of(5), OptionalInt.empty()),
        ME);
    fs.files.forget(node, 1000);
    Attributes attributes = fs.stat("f");
    assertThat(attributes.permissions()).isEqualTo(0600);
    assertThat(attributes.modified()).isEqualTo(then);
    assertThat(attributes.owner()).isEqualTo(5);
    assertThat(attributes.group()).isEqualTo(1000);
    assertThat(fs.keys()).containsExactly("f");
  }

  @Test
  void aReadOnlyMountTakesNothing() {
    fs.close();
    MemoryBackend other = new MemoryBackend();
    fs =
        new Workspace(
            other, rejected, "", ":", NewFiles.RULES, Access.READ_ONLY, DirectoryMarkers.KEYS);
    fs.set("f", "x");
    assertThat(fs.cat("f")).isEqualTo("x");
    assertThat(errorOf(() -> fs.open("f", WRITE))).isEqualTo(FsError.READ_ONLY);
    assertThat(errorOf(() -> fs.create("g", WRITE))).isEqualTo(FsError.READ_ONLY);
    assertThat(errorOf(() -> fs.mkdir("d"))).isEqualTo(FsError.READ_ONLY);
    assertThat(errorOf(() -> fs.rm("f"))).isEqualTo(FsError.READ_ONLY);
    assertThat(errorOf(() -> fs.mv("f", "g"))).isEqualTo(FsError.READ_ONLY);
    assertThat(
            errorOf(
                () ->
                    fs.files.setAttributes(
                        fs.node("f"), OptionalLong.empty(), AttributeChange.permissions(0), ME)))
        .isEqualTo(FsError.READ_ONLY);
  }

  @Test
  void nodesThatNobodyKnowsAreLetGo() {
    for (int i = 0; i < 100; i++) {
      fs.set("k" + i, "x");
      long node = fs.node("k" + i);
      fs.files.forget(node, 1);
      assertThat(errorOf(() -> fs.files.attributes(node, Workspace.ME))).isEqualTo(FsError.STALE);
    }
    assertThat(fs.files.attributes(FileSystem.ROOT, Workspace.ME).kind())
        .isEqualTo(FileKind.DIRECTORY);
    assertThat(errorOf(() -> fs.files.openDirectory(fs.node("k1"), ME)))
        .isEqualTo(FsError.NOT_DIRECTORY);
  }
}
