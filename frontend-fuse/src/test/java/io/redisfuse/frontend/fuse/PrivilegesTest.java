package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivilegesTest {

  @TempDir private Path directory;

  @Test
  void aMissingLibraryIsNamedWithItsPackage() {
    assertThatThrownBy(() -> LibFuse.load("libfuse-nowhere.so.2"))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("libfuse-nowhere.so.2")
        .hasMessageContaining("apt-get install libfuse2");
  }

  @Test
  void aMissingDeviceIsNamedWithItsModule() {
    assertThatThrownBy(() -> Privileges.requireDevice(directory.resolve("fuse")))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("modprobe fuse");
  }

  @Test
  void aDeviceThatCannotBeOpenedIsNamed() {
    assertThatThrownBy(() -> Privileges.requireDevice(directory))
        .isInstanceOf(MountException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("may not open");
  }

  @Test
  void theHelperForUsersIsSearchedInThePath() throws IOException {
    assertThatThrownBy(() -> Privileges.requireHelper(List.of(directory)))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("apt-get install fuse");

    Files.createFile(directory.resolve("fusermount")).toFile().setExecutable(true);
    assertThatCode(() -> Privileges.requireHelper(List.of(directory))).doesNotThrowAnyException();
  }

  @Test
  void usersNeedALineInFuseConfToLetOthersIn() throws IOException {
    Path configuration = directory.resolve("fuse.conf");
    assertThatThrownBy(() -> Privileges.requireUserAllowOther(configuration))
        .isInstanceOf(MountException.class);
    Files.writeString(configuration, "# user_allow_other\n");
    assertThatThrownBy(() -> Privileges.requireUserAllowOther(configuration))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("user_allow_other")
        .hasMessageContaining(configuration.toString());

    Files.writeString(configuration, "mount_max = 9\n user_allow_other\n");
    assertThatCode(() -> Privileges.requireUserAllowOther(configuration))
        .doesNotThrowAnyException();
  }
}
