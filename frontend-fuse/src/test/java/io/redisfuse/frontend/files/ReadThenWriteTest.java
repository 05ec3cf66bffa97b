package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that read a file and write it through one handle, after others have changed it. */
class ReadThenWriteTest {

  @TempDir Path kept;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    fs = new Workspace(new MemoryBackend(), kept);
    one = fs.program(1);
    two = fs.program(2);
    one.save("n", "1");
    assertThat(one.cat("n")).isEqualTo("1");
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void whoReadsWhatIsThereBeforeHeWritesIsNoRival() {
    two.save("n", "2");
    long handle = one.open("n", READ, WRITE);
    assertThat(one.read(handle)).isEqualTo("2");
    one.write(handle, 0, "3");
    one.close(handle);
    assertThat(fs.get("n")).contains("3");
  }

  @Test
  void whoWritesWithoutReadingAgainIs() {
    two.save("n", "2");
    long handle = one.open("n", READ, WRITE);
    assertThat(errorOf(() -> one.write(handle, 0, "2"))).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> one.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("n")).contains("2");
  }

  /** As a program does that opens a file, waits for a lock of it, and reads it then. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoReadsWhatAnotherSavedAfterHisOpenIsNoRival(boolean elsewhere) {
    long handle = one.open("n", READ, WRITE);
    if (elsewhere) {
      fs.set("n", "2");
    } else {
      long other = two.open("n", READ, WRITE);
      assertThat(two.read(other)).isEqualTo("1");
      two.write(other, 0, "2");
      two.close(other);
    }
    String read = one.read(handle);
    one.write(handle, 0, "3");
    if (read.equals("2")) {
      one.close(handle);
      assertThat(fs.get("n")).contains("3");
    } else {
      assertThat(errorOf(() -> one.close(handle))).isEqualTo(FsError.CONFLICT);
      assertThat(fs.get("n")).contains("2");
    }
  }
}
