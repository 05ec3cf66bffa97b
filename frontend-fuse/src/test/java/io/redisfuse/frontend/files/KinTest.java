package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes and those that they start, and threads of one process. */
class KinTest {

  @TempDir Path kept;
  private Workspace fs;
  private Program shell;
  private Program child;
  private Program sibling;
  private Program grandchild;

  @BeforeEach
  void start() {
    fs = new Workspace(new MemoryBackend(), kept);
    fs.set("note", "v1");
    shell = fs.program(1);
    child = fs.child(2, 1);
    sibling = fs.child(3, 1);
    grandchild = fs.child(4, 2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void requireConflict(Program program, String text) {
    assertThat(errorOf(() -> program.save("note", text))).isEqualTo(FsError.CONFLICT);
  }

  @Test
  void aChildsSaveIsNoRivalOfItsParent() {
    shell.cat("note");
    child.cat("note");
    child.save("note", "v2");
    shell.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void aChildThatNeverReadIsNoRivalOfItsParentEither() {
    shell.cat("note");
    child.save("note", "v2");
    shell.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void aChildThatHasEndedIsNoRivalOfItsParent() {
    shell.cat("note");
    Editor.SED.save(child, "note", "v2");
    fs.processes.end(2);
    shell.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void aGrandchildsSaveIsNoRivalOfItsAncestors() {
    shell.cat("note");
    child.cat("note");
    grandchild.cat("note");
    grandchild.save("note", "v2");
    child.save("note", "v3");
    shell.save("note", "v4");
    assertThat(fs.get("note")).contains("v4");
  }

  @Test
  void manySavesOfChildrenAreAnUnbrokenChain() {
    shell.cat("note");
    for (int i = 10; i < 20; i++) {
      Program next = fs.child(i, 1);
      next.cat("note");
      next.save("note", "by " + i);
      next.append("note", "!");
      fs.processes.end(i);
    }
    shell.save("note", "v2");
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void aChildThatAppendsIsNoRivalOfItsParent() {
    shell.cat("note");
    child.append("note", " and more");
    shell.save("note", "v2");
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void aChildThatRemovesAndMakesTheFileIsNoRivalOfItsParent() {
    shell.cat("note");
    child.rm("note");
    child.save("note", "v2");
    shell.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void aRivalBeforeTheChildsSaveIsARivalOfTheParent() {
    shell.cat("note");
    fs.set("note", "rival's");
    child.cat("note");
    child.save("note", "v2");
    requireConflict(shell, "v3");
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void aRivalAfterTheChildsSaveIsARivalOfTheParent() {
    shell.cat("note");
    child.cat("note");
    child.save("note", "v2");
    fs.set("note", "rival's");
    requireConflict(shell, "v3");
    requireConflict(child, "v3");
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aRivalBetweenTwoSavesOfAChildIsARivalOfTheParent() {
    shell.cat("note");
    child.cat("note");
    child.save("note", "v2");
    fs.set("note", "rival's");
    child.cat("note");
    child.save("note", "v3");
    requireConflict(shell, "v4");
    assertThat(fs.get("note")).contains("v3");
  }

  @Test
  void aChildThatObliteratedARivalKnowinglyHasNotToldItsParent() {
    shell.cat("note");
    child.cat("note");
    fs.set("note", "rival's");
    requireConflict(child, "v2");
    child.save("note", "v2");
    requireConflict(shell, "v3");
    assertThat(fs.get("note")).contains("v2");
  }

  @Test
  void siblingsAreRivals() {
    child.cat("note");
    sibling.cat("note");
    sibling.save("note", "the sibling's");
    requireConflict(child, "the child's");
    assertThat(fs.get("note")).contains("the sibling's");
  }

  @Test
  void aParentsSaveIsARivalOfItsChild() {
    child.cat("note");
    shell.cat("note");
    shell.save("note", "the shell's");
    requireConflict(child, "the child's");
    assertThat(fs.get("note")).contains("the shell's");
  }

  @Test
  void aParentThatNeverReadExpectsWhatIsThereAtItsOpen() {
    child.cat("note");
    child.save("note", "v2");
    shell.save("note", "v3");
    assertThat(fs.get("note")).contains("v3");
    long handle = shell.create("note", WRITE, TRUNCATE);
    fs.set("note", "rival's");
    shell.write(handle, 0, "v4");
    assertThat(errorOf(() -> shell.close(handle))).isEqualTo(FsError.CONFLICT);
  }

  @Test
  void aChildThatSavesWhileTheParentHasItOpenIsNoRival() {
    shell.cat("note");
    long handle = shell.open("note", WRITE);
    child.cat("note");
    child.save("note", "v2");
    shell.write(handle, 0, "V");
    shell.close(handle);
    assertThat(fs.get("note")).contains("V2");
  }

  // ---- threads

  @Test
  void threadsOfAProcessReadAndSaveForEachOther() {
    fs.processes.thread(51, 50);
    fs.processes.thread(52, 50);
    fs.program(51).cat("note");
    fs.set("note", "v2");
    requireConflict(fs.program(52), "v3");
    fs.program(50).save("note", "v4");
    fs.program(51).save("note", "v5");
    assertThat(fs.get("note")).contains("v5");
  }

  @Test
  void whatOneThreadSavedIsNoRivalOfAnother() {
    fs.processes.thread(51, 50);
    fs.processes.thread(52, 50);
    for (int i = 0; i < 10; i++) {
      fs.program(51).cat("note");
      fs.program(52).save("note", "save " + i);
      fs.program(51).saveInPlace("note", "in place " + i);
    }
    assertThat(fs.get("note")).contains("in place 9");
  }

  // ---- inherited handles

  @Test
  void aFlushByAChildDoesNotSaveWhileTheOpenerHoldsTheFile() {
    long handle = shell.create("note", WRITE, TRUNCATE);
    fs.processes.holding.add(1);
    child.write(handle, 0, "a");
    child.flush(handle);
    grandchild.write(handle, 1, "b");
    grandchild.flush(handle);
    assertThat(fs.get("note")).contains("v1");
    fs.processes.holding.clear();
    shell.close(handle);
    assertThat(fs.get("note")).contains("ab");
  }

  @Test
  void aChildThatWritesThroughAnInheritedHandleSavesForItsOpener() {
    shell.cat("note");
    long handle = shell.create("note", WRITE, TRUNCATE);
    child.write(handle, 0, "by the child");
    child.flush(handle);
    assertThat(fs.get("note")).contains("by the child");
    shell.close(handle);
    shell.save("note", "by the shell");
    assertThat(fs.get("note")).contains("by the shell");
  }

  @Test
  void anInheritedHandleExpectsWhatItsOpenerHadRead() {
    shell.cat("note");
    fs.set("note", "rival's");
    child.cat("note");
    long handle = shell.create("note", WRITE, TRUNCATE);
    assertThat(errorOf(() -> child.write(handle, 0, "by the child"))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> child.flush(handle))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("note")).contains("rival's");
  }
}
