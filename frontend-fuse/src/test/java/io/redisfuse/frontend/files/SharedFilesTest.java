package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
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

/** Processes of one mount that have one file open at the same time. */
class SharedFilesTest {

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    fs.set("note", "first");
    store.begin();
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void whoClosesWithoutHavingWrittenDoesNotSaveWhatAnotherIsStillWriting() {
    long reader = one.open("note", READ, WRITE);
    long writer = two.open("note", WRITE, TRUNCATE);
    two.write(writer, 0, "half");
    one.flush(reader);
    one.close(reader);
    assertThat(store.historyOf("note")).containsExactly("first");
    two.write(writer, 4, " and half");
    two.close(writer);
    assertThat(store.historyOf("note")).containsExactly("first", "half and half");
  }

  @Test
  void whoHasSavedAndClosesDoesNotSaveWhatAnotherHasBegun() {
    one.cat("note");
    long first = one.create("note", WRITE, TRUNCATE);
    one.write(first, 0, "one's");
    one.fsync(first);
    long second = two.open("note", WRITE, TRUNCATE);
    one.close(first);
    assertThat(store.historyOf("note")).containsExactly("first", "one's");
    two.write(second, 0, "two's");
    two.close(second);
    assertThat(store.historyOf("note")).containsExactly("first", "one's", "two's");
  }

  @Test
  void whoReadsWhatAnotherIsMakingDoesNotSaveIt() {
    long writer = two.create("fresh", WRITE);
    two.write(writer, 0, "half");
    assertThat(one.cat("fresh")).isEqualTo("half");
    assertThat(store.historyOf("fresh")).containsExactly("(absent)");
    two.write(writer, 4, " and half");
    two.close(writer);
    assertThat(store.historyOf("fresh")).containsExactly("(absent)", "half and half");
  }

  @Test
  void whoOpensWhileAnotherWritesStillExpectsWhatHeHasRead() {
    one.cat("note");
    two.cat("note");
    long second = two.open("note", WRITE, TRUNCATE);
    two.write(second, 0, "two's");
    long first = one.open("note", READ, WRITE);
    two.close(second);
    assertThat(savesInPlace(first, "one's text")).isEqualTo(FsError.CONFLICT);
    assertThat(store.historyOf("note")).containsExactly("first", "two's");
  }

  @Test
  void whoOpensWhileAnotherIsRejectedStillExpectsWhatHeHasRead() {
    one.cat("note");
    two.cat("note");
    fs.set("note", "rival's");
    long second = two.open("note", WRITE, TRUNCATE);
    long first = one.open("note", READ, WRITE);
    assertThat(errorOf(() -> two.close(second))).isEqualTo(FsError.CONFLICT);
    assertThat(savesInPlace(first, "one's text")).isEqualTo(FsError.CONFLICT);
    assertThat(store.historyOf("note")).containsExactly("first", "rival's");
  }

  @Test
  void whoAddsToWhatAnotherHasNotSavedYetDoesNotObliterateIt() {
    long first = one.open("note", READ, WRITE);
    two.cat("note");
    long second = two.open("note", WRITE);
    two.write(second, 0, "first and second");
    String read = one.read(first);
    FsError error = null;
    try {
      one.write(first, read.length(), " and third");
      two.close(second);
      one.flush(first);
    } catch (FsException e) {
      error = e.error();
    }
    fs.files.release(first);
    if (error == null) {
      assertThat(fs.get("note")).contains("first and second and third");
    } else {
      assertThat(error).isEqualTo(FsError.CONFLICT);
      assertThat(fs.get("note")).contains("first and second");
    }
  }

  @Test
  void whoRenamesAwayWhatAnotherIsWritingDoesNotSaveHalfOfIt() {
    long writer = two.open("note", WRITE, TRUNCATE);
    two.write(writer, 0, "half");
    try {
      one.mv("note", "note~");
    } catch (FsException e) {
      assertThat(e.error()).isEqualTo(FsError.CONFLICT);
    }
    two.write(writer, 4, " and half");
    two.flush(writer);
    fs.files.release(writer);
    fs.processes.end(1);
    fs.files.close();
    assertThat(store.historyOf("note")).doesNotContain("half", "");
    assertThat(store.historyOf("note~")).doesNotContain("half", "");
  }

  private FsError savesInPlace(long handle, String text) {
    return errorOf(
        () -> {
          try {
            one.write(handle, 0, text);
            one.truncate(one.node("note"), handle, text.length());
            one.flush(handle);
          } finally {
            fs.files.release(handle);
          }
        });
  }
}
