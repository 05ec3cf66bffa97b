package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.SaveResult.CONFLICT;
import static io.redisfuse.frontend.files.SaveResult.FAILED;
import static io.redisfuse.frontend.files.SaveResult.SAVED;
import static io.redisfuse.frontend.files.SaveResult.UNKNOWN;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks is told how each save ends, in whichever way a program saves. */
class SaveResultsTest {

  @TempDir Path kept;
  private final List<SaveResult> results = new CopyOnWriteArrayList<>();
  private FaultyBackend store;
  private Workspace fs;
  private Program program;

  @BeforeEach
  void start() {
    store = new FaultyBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    fs.files.tellOfSaves(results::add);
    program = fs.program(1);
    fs.set("f", "v1");
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void aSaveByWriting() {
    program.save("f", "v2");
    assertThat(results).containsExactly(SAVED);
  }

  @Test
  void aSaveByRenamingAScratchFile() {
    program.save("f~", "v2");
    program.mv("f~", "f");
    assertThat(results).containsExactly(SAVED);
  }

  @Test
  void aSaveByRenamingAnotherFileOverIt() {
    program.save("other", "v2");
    program.mv("other", "f");
    assertThat(results).containsExactly(SAVED, SAVED);
  }

  @Test
  void toReadOrToRenameOrToCloseAgainIsNoSave() {
    program.cat("f");
    program.mv("f", "g");
    assertThat(results).isEmpty();
  }

  @Test
  void aConflictOfWriting() {
    program.cat("f");
    fs.set("f", "rival's");
    assertThat(errorOf(() -> program.save("f", "v2"))).isEqualTo(FsError.CONFLICT);
    assertThat(results).containsExactly(CONFLICT);
  }

  @Test
  void aConflictOfRenaming() {
    program.cat("f");
    program.save("f~", "v2");
    fs.set("f", "rival's");
    assertThat(errorOf(() -> program.mv("f~", "f"))).isEqualTo(FsError.CONFLICT);
    assertThat(results).containsExactly(CONFLICT);
  }

  @Test
  void whatNobodyKnows() {
    store.afterCommit = Optional.of(new OutcomeUnknownException("The answer was lost.", null));
    assertThat(errorOf(() -> program.save("f", "v2"))).isEqualTo(FsError.IO);
    assertThat(results).startsWith(UNKNOWN);
  }

  @Test
  void anAppendOfWhichNobodyKnows() {
    store.afterCommit = Optional.of(new OutcomeUnknownException("The answer was lost.", null));
    long handle = program.open("f", OpenMode.Flag.WRITE, OpenMode.Flag.APPEND);
    program.write(handle, 0, "more");
    assertThat(errorOf(() -> program.flush(handle))).isEqualTo(FsError.IO);
    fs.files.release(handle);
    assertThat(results).containsExactly(UNKNOWN);
  }

  @Test
  void whatCouldNotBeDone() {
    store.beforeCommit = Optional.of(new BackendUnavailableException("The store is gone.", null));
    assertThat(errorOf(() -> program.save("f", "v2"))).isEqualTo(FsError.IO);
    assertThat(results).startsWith(FAILED);
  }
}
