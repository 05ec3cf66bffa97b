package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {

  @Test
  void aLineIsReadWithAnyNumberOfOptionalFields() {
    assertThat(
            MountTable.parse(
                List.of(
                    "22 1 0:21 / /mnt rw,nosuid - fuse.redisfuse redis rw,user_id=0",
                    "23 22 0:22 / /mnt/a rw shared:7 master:1 - tmpfs tmpfs rw")))
        .containsExactly(
            new MountTable.Entry("22", "0:21", Bytes.utf8("/mnt"), "fuse.redisfuse"),
            new MountTable.Entry("23", "0:22", Bytes.utf8("/mnt/a"), "tmpfs"));
  }

  @Test
  void escapedBytesOfAPathAreReadBack() {
    assertThat(MountTable.parse(List.of("1 2 0:1 / /a\\040b\\134\\012\u00e9 rw - x y rw")))
        .extracting(MountTable.Entry::path)
        .containsExactly(Bytes.wrap(new byte[] {'/', 'a', ' ', 'b', '\\', '\n', (byte) 0xe9}));
  }

  @Test
  void theRootIsMounted() {
    assertThat(MountTable.at(Bytes.utf8("/proc"))).isPresent();
    assertThat(MountTable.at(Bytes.utf8("/no such path"))).isEmpty();
  }

  @Test
  void aPathIsTheBytesThatTheSystemKnows() {
    assertThat(MountPoint.rawBytes(Path.of("/tmp"))).isEqualTo(Bytes.utf8("/tmp"));
    assertThat(MountPoint.rawBytes(Path.of("/"))).isEqualTo(Bytes.utf8("/"));
    assertThat(MountPoint.rawBytes(Path.of("/nowhere/a b%20+é\n")))
        .isEqualTo(Bytes.utf8("/nowhere/a b%20+é\n"));
  }
}
