package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that save, and save again, while the store fails. */
class UncertainSavesTest {

  private static final Optional<BackendException> GONE =
      Optional.of(new BackendUnavailableException("The store is gone.", null));
  private static final Optional<BackendException> UNKNOWN =
      Optional.of(new OutcomeUnknownException("The answer was lost.", null));

  @TempDir Path kept;
  private FaultyBackend store;
  private Workspace fs;

  @BeforeEach
  void start() {
    store = new FaultyBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void aProcessIsNoRivalOfItsOwnSaveOfUnknownOutcome() {
    fs.set("f", "v1");
    Program program = fs.program(1);
    program.cat("f");
    store.afterCommit = UNKNOWN;
    assertThat(errorOf(() -> program.save("f", "v2"))).isEqualTo(FsError.IO);
    assertThat(fs.get("f")).contains("v2");
    program.save("f", "v3");
    assertThat(fs.get("f")).contains("v3");
  }

  @Test
  void aRenameOfUnknownOutcomeThatHappenedIsNoConflictWhenItIsRepeated() {
    fs.set("f", "v1");
    Program program = fs.program(1);
    program.cat("f");
    program.save("f.tmp~", "v2");
    store.afterCommit = UNKNOWN;
    assertThat(errorOf(() -> program.mv("f.tmp~", "f"))).isEqualTo(FsError.IO);
    assertThat(fs.get("f")).contains("v2");
    if (program.exists("f.tmp~")) {
      program.mv("f.tmp~", "f");
    }
    assertThat(program.cat("f")).isEqualTo("v2");
    program.save("f", "v3");
    assertThat(fs.get("f")).contains("v3");
  }

  @Test
  void aRenameThatCouldNotBeMadeCanBeRepeated() {
    fs.set("f", "v1");
    Program program = fs.program(1);
    program.cat("f");
    program.save("f.tmp~", "v2");
    store.beforeCommit = GONE;
    assertThat(errorOf(() -> program.mv("f.tmp~", "f"))).isEqualTo(FsError.IO);
    assertThat(program.cat("f.tmp~")).isEqualTo("v2");
    program.mv("f.tmp~", "f");
    assertThat(fs.get("f")).contains("v2");
    assertThat(fs.keys()).containsExactly("f");
  }

  @Test
  void whatIsWithheldIsSettledWhenTheStoreIsBack() {
    fs.set("f", "v1");
    Program program = fs.program(1);
    program.mv("f", "f~");
    store.beforeCommit = GONE;
    fs.processes.end(1);
    await().atMost(Duration.ofSeconds(20)).until(() -> fs.keys().equals(List.of("f~")));
    assertThat(fs.get("f~")).contains("v1");
  }
}
