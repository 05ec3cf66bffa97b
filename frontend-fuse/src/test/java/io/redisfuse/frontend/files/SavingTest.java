package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.ME;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavingTest {

  @TempDir Path rejected;
  private Workspace fs;

  @BeforeEach
  void start() {
    fs = new Workspace(new MemoryBackend(), rejected);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void aFileIsAKey() {
    fs.save("hello", "world\n");
    assertThat(fs.get("hello")).contains("world\n");
    assertThat(fs.cat("hello")).isEqualTo("world\n");
    assertThat(fs.stat("hello").size()).isEqualTo(6);
    assertThat(fs.list("")).containsExactly("hello");
  }

  @Test
  void nothingIsSentBeforeTheClose() {
    fs.set("f", "old");
    long handle = fs.open("f", WRITE, TRUNCATE);
    assertThat(fs.get("f")).contains("old");
    fs.write(handle, 0, "n");
    fs.write(handle, 1, "ew");
    assertThat(fs.get("f")).contains("old");
    fs.close(handle);
    assertThat(fs.get("f")).contains("new");
  }

  @Test
  void aNewFileIsSeenHereAtOnceAndInTheStoreAtItsFirstSave() {
    long handle = fs.create("new", WRITE);
    assertThat(fs.get("new")).isEmpty();
    assertThat(fs.list("")).containsExactly("new");
    assertThat(fs.stat("new").size()).isZero();
    fs.write(handle, 0, "x");
    assertThat(fs.stat("new").size()).isEqualTo(1);
    fs.close(handle);
    assertThat(fs.get("new")).contains("x");
  }

  @Test
  void anEmptyFileIsAnEmptyKey() {
    fs.close(fs.create("empty", WRITE));
    assertThat(fs.get("empty")).contains("");
    fs.close(fs.create("e.f", WRITE));
    assertThat(fs.hget("e", "f")).contains("");
  }

  @Test
  void fsyncSavesAndTheNextSaveIsNoConflict() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "a");
    fs.files.fsync(handle, ME);
    assertThat(fs.get("f")).contains("a");
    fs.write(handle, 1, "b");
    fs.close(handle);
    assertThat(fs.get("f")).contains("ab");
  }

  @Test
  void aRivalsChangeIsNotOverwritten() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "mine, all mine");
    fs.set("f", "rival");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> fs.files.fsync(handle, ME))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> fs.write(handle, 0, "x"))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("rival");
    assertThat(fs.cat("f")).isEqualTo("rival");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine, all mine");
  }

  @Test
  void theBaseIsTheVersionAtTheOpenAndNotAtTheFirstWrite() {
    fs.set("f", "v1");
    long handle = fs.open("f", WRITE, TRUNCATE);
    fs.set("f", "rival");
    fs.write(handle, 0, "mine");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("rival");
  }

  @Test
  void aHandleThatReadAnOldVersionConflictsThoughAnotherOpenSawTheNewOne() {
    fs.set("f", "v1");
    long old = fs.open("f", READ, WRITE);
    assertThat(fs.read(old)).isEqualTo("v1");
    fs.set("f", "v2");
    assertThat(fs.cat("f")).isEqualTo("v2");
    fs.write(old, 0, "w1");
    assertThat(errorOf(() -> fs.files.flush(old, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(old);
    assertThat(fs.get("f")).contains("v2");
  }

  @Test
  void aKeyDeletedWhileOpenIsAConflict() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    fs.del("f");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).isEmpty();
    assertThat(fs.exists("f")).isFalse();
  }

  @Test
  void aKeyThatAnotherCreatedMeanwhileIsAConflict() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "mine");
    fs.set("f", "rival");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("rival");
  }

  @Test
  void aKeyThatBecameAnotherTypeIsAConflict() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    fs.del("f");
    fs.hset("f", "field", "value");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.hget("f", "field")).contains("value");
  }

  @Test
  void aRivalWhoWroteTheSameIsNoRivalOfWhoHasReadNothing() {
    fs.set("f", "v1");
    long handle = fs.open("f", WRITE, TRUNCATE);
    fs.write(handle, 0, "same");
    fs.set("f", "same");
    fs.close(handle);
    assertThat(fs.get("f")).contains("same");
    assertThat(fs.kept(Reason.REJECTED)).isEmpty();
  }

  @Test
  void aRivalWhoWroteTheSameWinsAllTheSameOverWhoHasRead() {
    fs.set("f", "v1");
    assertThat(fs.cat("f")).isEqualTo("v1");
    long handle = fs.open("f", WRITE, TRUNCATE);
    fs.write(handle, 0, "same");
    fs.set("f", "same");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("same");
  }

  @Test
  void anotherFieldOfTheSameHashIsNoConflict() {
    fs.hset("h", "a", "1");
    fs.hset("h", "b", "1");
    long handle = fs.open("h.a", READ, WRITE);
    fs.write(handle, 0, "2");
    fs.hset("h", "b", "2");
    fs.close(handle);
    assertThat(fs.hget("h", "a")).contains("2");
    assertThat(fs.hget("h", "b")).contains("2");
  }

  @Test
  void twoHandlesSeeEachOthersWritesAtOnceAndBothSave() {
    fs.set("f", "0000");
    long one = fs.open("f", READ, WRITE);
    long two = fs.open("f", READ, WRITE);
    fs.write(one, 0, "1");
    assertThat(fs.read(two)).isEqualTo("1000");
    fs.write(two, 1, "2");
    fs.close(one);
    assertThat(fs.get("f")).contains("1200");
    fs.write(two, 3, "4");
    fs.close(two);
    assertThat(fs.get("f")).contains("1204");
  }

  @Test
  void appendersNeverConflictAndLoseNothing() {
    fs.set("log", "0");
    long one = fs.open("log", WRITE, APPEND);
    long two = fs.open("log", WRITE, APPEND);
    fs.write(one, 0, "1");
    fs.set("log", "0rival");
    fs.write(two, 0, "2");
    fs.close(one);
    fs.close(two);
    assertThat(fs.get("log")).contains("0rival12");
  }

  @Test
  void appendersMayCreateTheFileTogetherWithOthers() {
    long handle = fs.create("log", WRITE, APPEND);
    fs.write(handle, 0, "mine");
    fs.set("log", "rival ");
    fs.close(handle);
    assertThat(fs.get("log")).contains("rival mine");
  }

  @Test
  void whatWasAppendedIsReadBackBeforeItIsSaved() {
    fs.hset("h", "log", "abc");
    long handle = fs.open("h.log", READ, WRITE, APPEND);
    fs.write(handle, 0, "def");
    assertThat(fs.read(handle)).isEqualTo("abcdef");
    assertThat(fs.read(handle, 2, 2)).isEqualTo("cd");
    assertThat(fs.read(handle, 4, 10)).isEqualTo("ef");
    assertThat(fs.stat("h.log").size()).isEqualTo(6);
    fs.close(handle);
    assertThat(fs.hget("h", "log")).contains("abcdef");
  }

  @Test
  void anAppenderIsNoRivalOfAnotherHandleOfTheSameMount() {
    fs.set("f", "abc");
    long writer = fs.open("f", READ, WRITE);
    long appender = fs.open("f", WRITE, APPEND);
    fs.write(appender, 0, "def");
    fs.close(appender);
    fs.write(writer, 0, "A");
    fs.close(writer);
    assertThat(fs.get("f")).contains("Abcdef");
  }

  @Test
  void anAppenderOfMuchMayTruncateAfterwards() {
    fs.set("log", "x".repeat(300_000));
    long handle = fs.open("log", WRITE, APPEND);
    long other = fs.open("log", READ, WRITE, APPEND);
    assertThat(fs.read(other, 0, 1)).isEqualTo("x");
    fs.write(handle, 0, "one");
    fs.files.fsync(handle, Workspace.ME);
    fs.files.setAttributes(
        fs.node("log"), OptionalLong.of(other), AttributeChange.size(300_001), ME);
    fs.write(other, 0, "y");
    fs.close(other);
    fs.close(handle);
    assertThat(fs.get("log")).contains("x".repeat(300_000) + "oy");
  }

  @Test
  void truncationThroughAHandleAndByPath() {
    fs.hset("h", "f", "0123456789");
    long handle = fs.open("h.f", READ, WRITE);
    fs.files.setAttributes(fs.node("h.f"), OptionalLong.of(handle), AttributeChange.size(4), ME);
    assertThat(fs.read(handle)).isEqualTo("0123");
    fs.close(handle);
    assertThat(fs.hget("h", "f")).contains("0123");
    fs.files.setAttributes(fs.node("h.f"), OptionalLong.empty(), AttributeChange.size(6), ME);
    assertThat(fs.hget("h", "f")).contains("0123\0\0");
    fs.files.setAttributes(fs.node("h.f"), OptionalLong.empty(), AttributeChange.size(0), ME);
    assertThat(fs.hget("h", "f")).contains("");
  }

  @Test
  void aWriteInTheMiddleOfAFieldChangesJustThat() {
    fs.hset("h", "f", "0123456789");
    long handle = fs.open("h.f", WRITE);
    fs.write(handle, 3, "abc");
    fs.close(handle);
    assertThat(fs.hget("h", "f")).contains("012abc6789");
  }

  @Test
  void aGapReadsAsZeros() {
    fs.set("f", "ab");
    long handle = fs.open("f", WRITE);
    fs.write(handle, 4, "x");
    fs.close(handle);
    assertThat(fs.get("f")).contains("ab\0\0x");
  }

  @Test
  void aSmallChangeOfALargeStringLeavesTheRestAlone() {
    String text = "0123456789".repeat(100_000);
    fs.set("large", text);
    long handle = fs.open("large", READ, WRITE);
    assertThat(fs.stat("large").size()).isEqualTo(1_000_000);
    fs.write(handle, 500_000, "changed");
    fs.write(handle, 1_000_000, "end");
    fs.close(handle);
    assertThat(fs.get("large"))
        .contains(text.substring(0, 500_000) + "changed" + text.substring(500_007) + "end");
    long again = fs.open("large", READ, WRITE);
    fs.write(again, 0, "x");
    fs.set("large", "rival");
    assertThat(errorOf(() -> fs.files.flush(again, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(again);
    assertThat(fs.get("large")).contains("rival");
  }

  @Test
  void aLargeStringCanBeReplacedWithoutReadingItAndStillNotBlindly() {
    fs.set("large", "0123456789".repeat(100_000));
    long handle = fs.open("large", WRITE, TRUNCATE);
    fs.write(handle, 0, "small");
    fs.close(handle);
    assertThat(fs.get("large")).contains("small");
    fs.set("large", "0123456789".repeat(100_000));
    long second = fs.open("large", WRITE, TRUNCATE);
    fs.set("large", "rival");
    fs.write(second, 0, "small");
    assertThat(errorOf(() -> fs.files.flush(second, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(second);
    assertThat(fs.get("large")).contains("rival");
  }

  @Test
  void theTtlSurvivesEverySave() {
    fs.set("f", "v1");
    fs.expire("f", Duration.ofHours(1));
    fs.save("f", "v2");
    assertThat(fs.ttl("f")).isPresent();
    long handle = fs.open("f", WRITE, APPEND);
    fs.write(handle, 0, "more");
    fs.close(handle);
    assertThat(fs.ttl("f")).isPresent();
    fs.files.setAttributes(fs.node("f"), OptionalLong.empty(), AttributeChange.size(2), ME);
    assertThat(fs.ttl("f")).isPresent();
    assertThat(fs.get("f")).contains("v2");
  }

  @Test
  void aShellThatClosesItsFirstDescriptorDoesNotSaveAnEmptyFile() {
    fs.set("f", "old");
    long handle = fs.create("f", WRITE, TRUNCATE);
    fs.processes.holding.add(ME.thread());
    fs.files.flush(handle, ME);
    assertThat(fs.get("f")).contains("old");
    fs.write(handle, 0, "new");
    fs.processes.holding.clear();
    fs.close(handle);
    assertThat(fs.get("f")).contains("new");
  }

  @Test
  void aChildThatInheritedTheFileDoesNotSaveWhatItsParentIsStillWriting() {
    fs.set("f", "old");
    long handle = fs.create("f", WRITE, TRUNCATE);
    fs.processes.holding.add(ME.thread());
    fs.write(handle, 0, "half");
    fs.files.flush(handle, new Caller(200, 1000, 1000));
    assertThat(fs.get("f")).contains("old");
    fs.write(handle, 4, " and half");
    fs.processes.holding.clear();
    fs.close(handle);
    assertThat(fs.get("f")).contains("half and half");
  }

  @Test
  void whatIsStillDirtyAtTheReleaseIsSavedThen() {
    long handle = fs.create("f", WRITE);
    fs.processes.holding.add(ME.thread());
    fs.files.flush(handle, ME);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("");
  }

  @Test
  void anExclusiveCreationHappensAtOnceAndOnlyOnce() {
    long handle = fs.create("lock", WRITE, EXCLUSIVE);
    assertThat(fs.get("lock")).contains("");
    assertThat(errorOf(() -> fs.create("lock", WRITE, EXCLUSIVE))).isEqualTo(FsError.EXISTS);
    fs.write(handle, 0, "me");
    fs.close(handle);
    assertThat(fs.get("lock")).contains("me");
  }

  @Test
  void theModificationTimeFollowsTheContent() {
    fs.set("f", "v1");
    assertThat(fs.stat("f").modified()).isEqualTo(Workspace.START);
    fs.now.set(Workspace.START.plusSeconds(60));
    fs.save("f", "v2");
    assertThat(fs.stat("f").modified()).isEqualTo(Workspace.START.plusSeconds(60));
  }

  @Test
  void aTimeThatWasSetBeforeTheCloseStays() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "text");
    Instant past = Workspace.START.minusSeconds(1000);
    fs.files.setAttributes(
        fs.node("f"),
        OptionalLong.of(handle),
        AttributeChange.times(Optional.of(past), Optional.of(past)),
        ME);
    fs.now.set(Workspace.START.plusSeconds(60));
    fs.close(handle);
    assertThat(fs.get("f")).contains("text");
    assertThat(fs.stat("f").modified()).isEqualTo(past);
  }

  @Test
  void aTruncationIsAModificationThoughNothingIsWritten() {
    fs.set("f", "v1");
    assertThat(fs.stat("f").modified()).isEqualTo(Workspace.START);
    fs.now.set(Workspace.START.plusSeconds(60));
    fs.close(fs.open("f", WRITE, TRUNCATE));
    assertThat(fs.stat("f").modified()).isEqualTo(Workspace.START.plusSeconds(60));
  }
}
