package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.frontend.fuse.MountOptions.Flag;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MountOptionsTest {

  @Test
  void anOrdinaryMountIsNotOpenToOthersAndTakesWrites() {
    assertThat(MountArguments.words(MountOptions.defaults()))
        .contains("fsname=redisfuse", "subtype=redisfuse", "default_permissions")
        .doesNotContain("allow_other", "ro");
  }

  @Test
  void eachFlagIsPassedOn() {
    assertThat(
            MountArguments.words(
                MountOptions.defaults().with(Flag.ALLOW_OTHER).with(Flag.READ_ONLY)))
        .contains("allow_other", "ro");
  }

  @Test
  void aNameCannotSmuggleInAnOption() {
    assertThat(MountArguments.words(MountOptions.defaults().withFsName("a,allow_other\\")))
        .contains("fsname=a\\,allow_other\\\\");
  }

  @Test
  void valuesThatCannotBeAreRefused() {
    MountOptions defaults = MountOptions.defaults();
    assertThatThrownBy(() -> defaults.withFsName("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> defaults.withFsName("a\nb"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> defaults.withAttributeTimeout(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> defaults.withThreads(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
