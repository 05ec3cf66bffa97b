package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import java.io.IOException;
import java.nio.file.Files;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code renameat2(2)} on a mount. Through libfuse 2 the kernel lets no flags pass. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountRenamesTest {

  /** {@code AT_FDCWD} of {@code fcntl.h}. */
  private static final int HERE = -100;

  private static final int NO_REPLACE = 1;
  private static final int EXCHANGE = 2;
  private static final int WHITEOUT = 4;
  private static final int ENOENT = 2;
  private static final int EBUSY = 16;
  private static final int EEXIST = 17;
  private static final int EINVAL = 22;

  /** The functions of the C library that are used. */
  public interface C {
    int renameat2(int directory, String from, int otherDirectory, String to, int flags);
  }

  private static final C LIBC =
      LibraryLoader.create(C.class).option(LibraryOption.SaveError, true).load("c");

  @Parameter MountOptions.Binding binding;

  private Mounted mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(binding);
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  /** Returns the errno. */
  private int rename(String from, String to, int flags) {
    String old = mounted.path(from).toString();
    int result = LIBC.renameat2(HERE, old, HERE, mounted.path(to).toString(), flags);
    return result == 0 ? 0 : LastError.getLastError(Runtime.getRuntime(LIBC));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(mounted.path(name), text);
  }

  private boolean takesFlags() {
    return binding == MountOptions.Binding.KERNEL;
  }

  @Test
  void nothingIsReplacedThatMustNotBe() throws IOException {
    write("a", "first");
    write("b", "second");
    assertThat(rename("a", "b", NO_REPLACE)).isEqualTo(EEXIST);
    assertThat(rename("c", "d", NO_REPLACE)).isEqualTo(ENOENT);
    assertThat(rename("a", "c", NO_REPLACE)).isEqualTo(takesFlags() ? 0 : EINVAL);
    assertThat(mounted.path(takesFlags() ? "c" : "a")).hasContent("first");
    assertThat(mounted.path("b")).hasContent("second");
  }

  @Test
  void whatComesIntoBeingJustThenIsNotReplaced() throws IOException {
    write("a", "first");
    mounted.tree.failOn("renameToFree", new FsException(FsError.EXISTS, "A rival was faster."));
    assertThat(rename("a", "b", NO_REPLACE)).isEqualTo(takesFlags() ? EEXIST : EINVAL);
    assertThat(mounted.path("a")).hasContent("first");
  }

  @Test
  void twoFilesAreExchanged() throws IOException {
    write("a", "first");
    Files.createDirectory(mounted.path("d"));
    write("d/b", "second");
    int exchanged = takesFlags() ? 0 : EINVAL;
    assertThat(rename("a", "d/b", EXCHANGE)).isEqualTo(exchanged);
    assertThat(mounted.path("a")).hasContent(takesFlags() ? "second" : "first");
    assertThat(mounted.path("d/b")).hasContent(takesFlags() ? "first" : "second");
    assertThat(rename("a", "nothing", EXCHANGE)).isEqualTo(ENOENT);
    mounted.tree.failOn("exchange", new FsException(FsError.CONFLICT, "A rival was faster."));
    assertThat(rename("a", "d/b", EXCHANGE)).isEqualTo(takesFlags() ? EBUSY : EINVAL);
  }

  @Test
  void otherFlagsAreInvalid() throws IOException {
    write("a", "first");
    write("b", "second");
    assertThat(rename("a", "c", WHITEOUT)).isEqualTo(EINVAL);
    assertThat(rename("a", "b", EXCHANGE | NO_REPLACE)).isEqualTo(EINVAL);
    assertThat(mounted.path("a")).hasContent("first");
  }

  @Test
  void mvReplacesNothingUnasked() throws IOException {
    assertThat(
            mounted.shell.run(
                "echo 1 >a; echo 2 >b; mv -n a b; cat a b; mv -n a c; cat c; mv -f b c; cat c; ls"))
        .isEqualTo("1\n2\n1\n2\nc");
    if (takesFlags()) {
      assertThat(mounted.tree.calls("renameToFree")).isPositive();
    }
  }
}
