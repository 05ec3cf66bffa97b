package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Snapshot;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles that nobody has got, since who opened the file was interrupted. */
class TakenBackTest {

  @TempDir private Path kept;

  private final MemoryBackend backend = new MemoryBackend();
  private Workspace place;

  @BeforeEach
  void open() {
    place = new Workspace(backend, kept);
    place.set("note", "text");
  }

  @AfterEach
  void close() {
    place.close();
    backend.close();
  }

  private Optional<String> value(String key) {
    return backend.read(Cell.string(Bytes.utf8(key))).map(Snapshot::content).map(Bytes::toUtf8);
  }

  @Test
  void aTruncationIsNotSaved() {
    place.files.takeBack(place.open("note", WRITE, TRUNCATE));
    assertThat(value("note")).contains("text");
    assertThat(place.cat("note")).isEqualTo("text");
    place.save("note", "more");
    assertThat(value("note")).contains("more");
  }

  @Test
  void aCreationIsNotSaved() {
    long handle = place.create("new", WRITE);
    place.files.takeBack(handle);
    assertThat(value("new")).isEmpty();
    assertThat(place.exists("new")).isFalse();
    place.save("new", "text");
    assertThat(value("new")).contains("text");
  }

  @Test
  void whatOthersHaveWrittenIsSavedAllTheSame() {
    long writing = place.open("note", READ, WRITE);
    place.write(writing, 0, "T");
    place.files.takeBack(place.open("note", WRITE, TRUNCATE));
    place.write(writing, 0, "Next");
    place.close(writing);
    assertThat(value("note")).contains("Next");
  }

  @Test
  void whoOnlyReadsLeavesNothing() {
    place.files.takeBack(place.open("note", READ));
    assertThat(value("note")).contains("text");
  }
}
