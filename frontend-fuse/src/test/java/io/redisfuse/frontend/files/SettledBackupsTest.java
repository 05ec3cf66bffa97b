package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that became keys, as their process has ended, or are about to, and what follows. */
class SettledBackupsTest {

  @TempDir Path kept;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    fs = new Workspace(new MemoryBackend(), kept);
    fs.set("note", "v1");
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void aChangedBackupIsRenamedBackByAnotherProcess() {
    one.mv("note", "note~");
    one.save("note~", "changed");
    two.mv("note~", "note");
    requireOnly("note", "changed");
  }

  @Test
  void aChangedBackupIsRenamedBackAfterItsProcessHasEnded() {
    one.mv("note", "note~");
    one.save("note~", "changed");
    fs.processes.end(1);
    two.mv("note~", "note");
    requireOnly("note", "changed");
  }

  @Test
  void aChangedBackupIsRenamedOn() {
    one.mv("note", "note~");
    two.save("note~", "changed");
    fs.processes.end(1);
    two.mv("note~", "other");
    requireOnly("other", "changed");
  }

  @Test
  void whatReplacesABackupThatBecameAKeyReplacesIt() {
    one.mv("note", "note~");
    two.save("note", "v2");
    two.save("other", "v3");
    two.mv("other", "note~");
    two.mv("note~", "third");
    assertThat(two.exists("note~")).isFalse();
    assertThat(two.cat("third")).isEqualTo("v3");
    fs.files.close();
    assertThat(fs.keys()).containsExactly("note", "third");
  }

  @Test
  void aScratchFileThatReplacesABackupThatBecameAKeyReplacesIt() {
    one.mv("note", "note~");
    two.save("note", "v2");
    two.save("#other#", "v3");
    two.mv("#other#", "note~");
    two.mv("note~", "third");
    assertThat(two.exists("note~")).isFalse();
    assertThat(two.cat("third")).isEqualTo("v3");
    fs.files.close();
    assertThat(fs.keys()).containsExactly("note", "third");
  }

  @Test
  void whoRemovesABackupThatBecameAKeyRemovesIt() {
    one.mv("note", "note~");
    two.save("note", "v2");
    two.mv("note", "note~");
    two.rm("note~");
    assertThat(two.exists("note~")).isFalse();
    fs.files.close();
    assertThat(fs.keys()).isEmpty();
  }

  private void requireOnly(String name, String text) {
    assertThat(two.cat(name)).isEqualTo(text);
    assertThat(fs.list("")).containsExactly(name);
    fs.files.close();
    assertThat(fs.keys()).containsExactly(name);
    assertThat(fs.get(name)).contains(text);
  }
}
