package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPointTest {

  @TempDir private Path home;

  @Test
  void aMissingDirectoryIsCreated() throws Exception {
    MountPoint.createIfMissing(home.resolve("missing"));

    assertThat(home.resolve("missing")).isEmptyDirectory();
  }

  @Test
  void whatIsThereIsNotTouched() throws Exception {
    Path file = Files.writeString(home.resolve("file"), "x");
    Path link = Files.createSymbolicLink(home.resolve("link"), Path.of("nowhere"));

    MountPoint.createIfMissing(home);
    MountPoint.createIfMissing(file);
    MountPoint.createIfMissing(link);

    assertThat(file).hasContent("x");
    assertThat(home.resolve("nowhere")).doesNotExist();
  }

  @Test
  void aMissingParentIsAFailureThatNamesTheCure() {
    Path far = home.resolve("a/b");

    assertThatThrownBy(() -> MountPoint.createIfMissing(far))
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILURE))
        .hasMessage(
            "The mount point "
                + far
                + " does not exist, nor does the directory around it; run `mkdir -p "
                + far
                + "`.");
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void aFileAsParentIsAFailure() throws Exception {
    Path file = Files.writeString(home.resolve("file"), "x");

    assertThatThrownBy(() -> MountPoint.createIfMissing(file.resolve("a")))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "The mount point "
                + file
                + "/a does not exist, and cannot be created, because "
                + file
                + " is not a directory; choose another place.");
  }

  @Test
  void aPlaceWhereNothingCanBeCreatedIsAFailure() {
    assertThatThrownBy(() -> MountPoint.createIfMissing(Path.of("/proc/self/fd/redisfuse")))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("The mount point /proc/self/fd/redisfuse does not exist, ")
        .hasMessageEndingWith(".");
  }
}
