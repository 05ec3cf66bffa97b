package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process has read is what its saves expect, and nobody else's. */
class ProcessMemoryTest {

  @TempDir Path kept;
  private MemoryBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    store = new MemoryBackend();
    fs = new Workspace(store, kept);
    fs.set("note", "v1");
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void requireConflict(Program program, String path, String text) {
    assertThat(errorOf(() -> program.save(path, text))).isEqualTo(FsError.CONFLICT);
  }

  // ---- one process

  @Test
  void aSaveExpectsWhatTheProcessReadLongAgo() {
    one.cat("note");
    fs.now.set(Workspace.START.plusSeconds(100_000));
    fs.set("note", "v2");
    requireConflict(one, "note", "mine");
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void aSaveExpectsWhatTheProcessReadLast() {
    one.cat("note");
    fs.set("note", "v2");
    one.cat("note");
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
  }

  @Test
  void aValueThatIsWhatItWasWhenItWasReadIsNoConflict() {
    one.cat("note");
    fs.set("note", "v2");
    fs.set("note", "v1");
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
  }

  @Test
  void whoNeverReadExpectsWhatWasThereAtTheOpen() {
    fs.set("note", "v2");
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
    long handle = two.create("note", WRITE, TRUNCATE);
    fs.set("note", "v3");
    two.write(handle, 0, "mine");
    assertThat(errorOf(() -> two.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void whoNeverReadAndWritesWhatIsThereHasNoConflict() {
    long handle = one.create("note", WRITE, TRUNCATE);
    fs.set("note", "same");
    one.write(handle, 0, "same");
    one.close(handle);
    assertThat(fs.get("note")).contains("same");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void twoWhoCountToTheSameNumberHaveAConflict() {
    fs.set("number", "1");
    one.cat("number");
    two.cat("number");
    one.save("number", "2");
    requireConflict(two, "number", "2");
    assertThat(fs.get("number")).contains("2");
  }

  @Test
  void whoCountsAndRenamesToTheSameNumberHasAConflictToo() {
    fs.set("number", "1");
    one.cat("number");
    fs.set("number", "2");
    for (String temporary : new String[] {"number.tmp", "number.tmp~"}) {
      one.save(temporary, "2");
      assertThat(errorOf(() -> one.mv(temporary, "number"))).isEqualTo(FsError.CONFLICT);
      one.rm(temporary);
      fs.set("number", fs.get("number").orElseThrow() + "0");
      one.cat("number");
      fs.set("number", "2");
    }
    assertThat(fs.get("number")).contains("2");
  }

  @Test
  void whatAProcessReadOfOneFileIsNothingToAnother() {
    fs.set("other", "o1");
    one.cat("note");
    fs.set("note", "v2");
    fs.set("other", "o2");
    one.save("other", "mine");
    assertThat(fs.get("other")).contains("mine");
    requireConflict(one, "note", "mine");
  }

  @Test
  void aProcessThatOnlyLooksHasNotRead() {
    one.stat("note");
    one.list("");
    fs.set("note", "v2");
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
  }

  @Test
  void itsOwnSavesAreNoRivals() {
    one.cat("note");
    for (int i = 0; i < 20; i++) {
      one.save("note", "save " + i);
      one.saveInPlace("note", "in place " + i);
      one.saveByRename("note", "tmp", "renamed " + i);
      one.saveByRename("note", "note~", "renamed again " + i);
    }
    assertThat(fs.get("note")).contains("renamed again 19");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @Test
  void aFileThatWasNotThereMustNotBeThere() {
    assertThat(one.exists("fresh")).isFalse();
    long handle = one.create("fresh", WRITE);
    one.write(handle, 0, "mine");
    fs.set("fresh", "rival's");
    assertThat(errorOf(() -> one.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("fresh")).contains("rival's");
    one.save("fresh", "mine again");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void aTruncationByNameExpectsWhatWasRead() {
    one.cat("note");
    fs.set("note", "v2");
    assertThat(errorOf(() -> one.truncate("note", 0))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("v2");
    one.truncate("note", 1);
    assertThat(fs.get("note")).contains("v");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("v2");
    two.truncate("note", 0);
    assertThat(fs.get("note")).contains("");
  }

  @Test
  void whoWasToldOnceIsToldAgainOfAnotherRival() {
    one.cat("note");
    for (int i = 0; i < 5; i++) {
      fs.set("note", "rival " + i);
      requireConflict(one, "note", "mine " + i);
    }
    one.save("note", "mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival 4");
    assertThat(fs.kept(Reason.REJECTED)).hasSize(5);
  }

  @Test
  void whoWasToldThroughOneWayOfSavingMaySaveByAnother() {
    one.cat("note");
    fs.set("note", "v2");
    requireConflict(one, "note", "mine");
    one.saveByRename("note", "tmp", "mine again");
    assertThat(fs.get("note")).contains("mine again");
    fs.set("note", "v3");
    assertThat(errorOf(() -> one.saveByRename("note", "tmp2", "4"))).isEqualTo(FsError.CONFLICT);
    fs.now.set(Workspace.START.plusSeconds(5));
    one.saveInPlace("note", "mine at last");
    assertThat(fs.get("note")).contains("mine at last");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("v2", "v3");
  }

  @Test
  void whoWritesDirectlyAtOnceWhatItCouldNotRenameDoesSoByItself() {
    one.cat("note");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> one.saveByRename("note", "tmp", "mine"))).isEqualTo(FsError.CONFLICT);
    requireConflict(one, "note", "mine");
    assertThat(fs.get("note")).contains("rival's");
    fs.now.set(Workspace.START.plusSeconds(5));
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's");
  }

  @Test
  void theReadingMovesWithAFileThatIsRenamed() {
    one.cat("note");
    one.mv("note", "moved");
    one.save("moved", "v2");
    assertThat(fs.get("moved")).contains("v2");
    fs.set("moved", "rival's");
    requireConflict(one, "moved", "v3");
    assertThat(fs.get("moved")).contains("rival's");
  }

  @Test
  void whatItReadsOfItsOwnUnsavedWritesIsNoRival() {
    long handle = one.open("note", READ, WRITE);
    one.write(handle, 0, "own");
    assertThat(one.cat("note")).isEqualTo("own");
    one.close(handle);
    one.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void whoOpenedALargeFileBeforeARivalWroteItHasNotReadTheRivals() {
    fs.set("large", "0123456789".repeat(100_000));
    long handle = one.open("large", READ);
    assertThat(one.read(handle, 0, 10)).isEqualTo("0123456789");
    fs.set("large", "abcdefghij".repeat(100_000));
    one.read(handle, 500_000, 10);
    one.close(handle);
    requireConflict(one, "large", "mine");
    assertThat(fs.get("large").orElseThrow()).startsWith("abcdefghij");
  }

  @Test
  void aLargeFileThatWasReadAndNotChangedIsSaved() {
    fs.set("large", "0123456789".repeat(100_000));
    one.cat("large");
    one.save("large", "abcdefghij".repeat(100_000));
    one.saveInPlace("large", "0123456789".repeat(90_000));
    one.save("large", "small");
    assertThat(fs.get("large")).contains("small");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  // ---- two processes

  @Test
  void whoReadWhatWasNeverSavedHasNotReadARivals() {
    long handle = one.open("note", READ, WRITE);
    one.write(handle, 0, "unsaved");
    assertThat(two.cat("note")).isEqualTo("unsaved");
    fs.set("note", "rival's");
    assertThat(errorOf(() -> one.close(handle))).isEqualTo(FsError.CONFLICT);
    requireConflict(two, "note", "made from what was unsaved");
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void whatAnotherProcessReadDoesNotCount() {
    two.cat("note");
    fs.set("note", "v2");
    one.save("note", "one's");
    assertThat(fs.get("note")).contains("one's");
    requireConflict(two, "note", "two's");
    assertThat(fs.get("note")).contains("one's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("two's");
    two.save("note", "two's again");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("one's");
  }

  @Test
  void twoWhoReadTheSameDoNotBothSave() {
    one.cat("note");
    two.cat("note");
    one.save("note", "one's");
    requireConflict(two, "note", "two's");
    one.save("note", "one's next");
    assertThat(fs.get("note")).contains("one's next");
    requireConflict(two, "note", "two's next");
  }

  @Test
  void aFileOpenForReadingInAnotherProcessChangesNothing() {
    long reader = two.open("note", READ);
    one.cat("note");
    fs.set("note", "v2");
    assertThat(two.read(reader)).isNotNull();
    requireConflict(one, "note", "mine");
    two.close(reader);
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void cpWhichNeverReadTheTargetReplacesIt() {
    fs.set("source", "copied");
    one.cat("note");
    fs.set("note", "v2");
    Program cp = fs.child(3, 1);
    long from = cp.open("source", READ);
    long to = cp.open("note", WRITE, TRUNCATE);
    cp.write(to, 0, cp.read(from));
    cp.close(from);
    cp.close(to);
    assertThat(fs.get("note")).contains("copied");
  }

  @Test
  void processesOfTwoMountsAreRivals() {
    try (Workspace other = new Workspace(store.openAnother(), kept)) {
      Program there = other.program(1);
      one.cat("note");
      there.cat("note");
      there.save("note", "there");
      requireConflict(one, "note", "here");
      assertThat(fs.get("note")).contains("there");
    }
  }

  @Test
  void aCallerWhoIsNotKnownExpectsWhatWasThereAtTheOpen() {
    Program unknown = fs.program(0);
    unknown.cat("note");
    fs.set("note", "v2");
    unknown.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
    long handle = unknown.open("note", WRITE, TRUNCATE);
    fs.set("note", "v3");
    unknown.write(handle, 0, "mine");
    assertThat(errorOf(() -> unknown.close(handle))).isEqualTo(FsError.CONFLICT);
  }

  @Test
  void anotherProcessWithTheSameNumberHasReadNothing() {
    one.cat("note");
    fs.set("note", "v2");
    fs.processes.reuse(1);
    one.save("note", "mine");
    assertThat(fs.get("note")).contains("mine");
  }
}
