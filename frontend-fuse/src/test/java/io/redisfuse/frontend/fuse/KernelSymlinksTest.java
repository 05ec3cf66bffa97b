package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The kernel keeps where symbolic links point to. */
@Timeout(120)
class KernelSymlinksTest {

  private Mounted mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = new Mounted(MountOptions.Binding.KERNEL);
  }

  @AfterEach
  void unmount() throws Exception {
    mounted.close();
  }

  @Test
  void aLinkIsReadOnceAndAnotherOfItsNameAnew() throws Exception {
    Path link = mounted.directory.resolve("link");
    for (String target : new String[] {"one", "another", "third"}) {
      Files.createSymbolicLink(link, Path.of(target));
      int before = mounted.tree.calls("readLink");

      for (int i = 0; i < 5; i++) {
        assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of(target));
      }

      assertThat(mounted.tree.calls("readLink")).isEqualTo(before + 1);
      Files.delete(link);
    }
  }
}
