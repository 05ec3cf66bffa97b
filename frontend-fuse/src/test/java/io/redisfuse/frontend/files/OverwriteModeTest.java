package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A mount that was asked to let the last writer win. */
class OverwriteModeTest {

  @TempDir Path kept;
  private MemoryBackend memory;
  private Workspace fs;
  private Program program;

  @BeforeEach
  void start() {
    memory = new MemoryBackend();
    fs = new Workspace(memory, kept, OnConflict.OVERWRITE);
    for (Kind kind : Kind.values()) {
      kind.set(fs, "first text");
      fs.expire(kind.key, Duration.ofHours(1));
    }
    fs.set("dir:other", "untouched");
    program = fs.program(1);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  static Stream<Arguments> everyCase() {
    return EditorsConflictTest.everyCase();
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void theLastWriterWins(Editor editor, Kind kind, Rival rival) {
    program.cat(kind.path);
    rival.strike(fs, kind);
    editor.save(program, kind.path, "mine");
    assertThat(kind.get(fs)).contains("mine");
    assertThat(fs.program(2).cat(kind.path)).isEqualTo("mine");
    assertThat(fs.cells()).contains("dir:other").hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anOpenFileIsSavedOverWhatARivalWrote(Kind kind) {
    long handle = program.open(kind.path, READ, WRITE);
    program.write(handle, 0, "FIRST");
    kind.set(fs, "rival's");
    program.fsync(handle);
    assertThat(kind.get(fs)).contains("FIRST text");
    kind.delete(fs);
    program.write(handle, 0, "again");
    program.close(handle);
    assertThat(kind.get(fs)).contains("again text");
  }

  @Test
  void theTtlThatTheRivalLeftStays() {
    program.cat("note");
    fs.set("note", "rival's");
    program.save("note", "mine");
    assertThat(fs.ttl("note")).isPresent();
  }

  @Test
  void aListThatCameInItsPlaceIsNotOverwritten() {
    program.cat("note");
    long handle = program.open("note", READ, WRITE);
    program.write(handle, 0, "mine");
    memory.putList(Bytes.utf8("note"), List.of(Bytes.utf8("item")));
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(memory.elements(Bytes.utf8("note"))).hasSize(1);
    assertThat(fs.kept.directory()).isNotEmptyDirectory();
  }

  @Test
  void aHashThatCameInItsPlaceIsNotOverwritten() {
    program.cat("note");
    long handle = program.open("note", READ, WRITE);
    program.write(handle, 0, "mine");
    fs.del("note");
    fs.hset("note", "field", "rival's");
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.hget("note", "field")).contains("rival's");
  }

  @Test
  void anExclusiveCreationIsStillExclusive() {
    assertThat(errorOf(() -> program.create("note", WRITE, OpenMode.Flag.EXCLUSIVE)))
        .isEqualTo(FsError.EXISTS);
    assertThat(fs.get("note")).contains("first text");
  }

  @Test
  void whoAppendsStillAppends() {
    program.cat("note");
    fs.set("note", "rival's");
    program.append("note", " mine");
    assertThat(fs.get("note")).contains("rival's mine");
  }
}
