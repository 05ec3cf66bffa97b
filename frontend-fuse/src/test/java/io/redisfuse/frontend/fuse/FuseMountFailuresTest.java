package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What programs see of a file system that fails. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountFailuresTest {

  @Parameter MountOptions.Binding binding;

  private static final int EIO = 5;

  private static Mounted mounted;

  @BeforeParameterizedClassInvocation
  static void mount(MountOptions.Binding binding) throws IOException {
    mounted = new Mounted(binding);
    mounted.shell.run("echo text >file; mkdir -p directory/full");
  }

  @AfterParameterizedClassInvocation
  static void unmount() throws IOException {
    mounted.close();
  }

  @AfterEach
  void heal() {
    mounted.tree.heal();
  }

  @ParameterizedTest
  @EnumSource(FsError.class)
  void everyErrorHasTheErrnoItIsDescribedWith(FsError error) throws IOException {
    mounted.tree.failOn("makeDirectory", new FsException(error, "A fault for " + error + "."));

    int expected =
        switch (error) {
          case NO_ENTRY -> 2;
          case EXISTS -> 17;
          case NOT_DIRECTORY -> 20;
          case IS_DIRECTORY -> 21;
          case NOT_EMPTY -> 39;
          case ACCESS -> 13;
          case NOT_PERMITTED -> 1;
          case READ_ONLY -> 30;
          case INVALID -> 22;
          case NAME_TOO_LONG -> 36;
          case LOOP -> 40;
          case CROSS_DEVICE -> 18;
          case TOO_LARGE -> 27;
          case NO_SPACE -> 28;
          case BAD_HANDLE -> 9;
          case STALE -> 116;
          case CONFLICT -> 16;
          case NO_LOCKS -> 37;
          case IO -> 5;
        };
    assertThat(mounted.shell.run("perl -e 'mkdir q(new); print $! + 0'"))
        .isEqualTo(Integer.toString(expected));
  }

  /**
   * An operation of the file system, and a perl expression on the mount $d, false when it failed.
   */
  static Stream<Arguments> operations() {
    return Stream.of(
        Arguments.of("lookup", "stat(qq($d/file))"),
        Arguments.of("attributes", "stat($d)"),
        Arguments.of("setAttributes", "chmod(0600, qq($d/file))"),
        Arguments.of("open", "open(F, q(<), qq($d/file))"),
        Arguments.of("create", "open(F, q(>), qq($d/new))"),
        Arguments.of("read", "open(F, q(<), qq($d/file)) && defined(sysread(F, $x, 9))"),
        Arguments.of("write", "open(F, q(+<), qq($d/file)) && syswrite(F, q(x))"),
        Arguments.of("flush", "open(F, q(+<), qq($d/file)) && close(F)"),
        Arguments.of("fsync", "open(F, q(<), qq($d/file)) && 0 == syscall(74, fileno(F))"),
        Arguments.of("unlink", "unlink(qq($d/file))"),
        Arguments.of("makeDirectory", "mkdir(qq($d/new))"),
        Arguments.of("makeSymlink", "symlink(q(x), qq($d/new))"),
        Arguments.of("removeDirectory", "rmdir(qq($d/directory))"),
        Arguments.of("rename", "rename(qq($d/file), qq($d/new))"),
        Arguments.of("openDirectory", "opendir(D, qq($d/directory))"));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aFaultInAnOperationIsAnErrorOfThatCallAndNothingElse(String operation, String expression)
      throws IOException {
    mounted.tree.failOn(operation, new IllegalStateException("a fault of the test"));
    assertThat(errno(expression)).isEqualTo(EIO);

    mounted.tree.heal();
    mounted.tree.failOn(operation, new AssertionError("an error of the test"));
    assertThat(errno(expression)).isEqualTo(EIO);

    mounted.tree.heal();
    assertThat(mounted.shell.run("cat file; ls")).isEqualTo("text\ndirectory\nfile");
  }

  @Test
  void aFailedListingIsNotAnEmptyOne() throws IOException {
    mounted.tree.failOn("entries", new FsException(FsError.IO, "A fault of the test."));

    Shell.Result listing = mounted.shell.attempt("ls");
    assertThat(listing.status()).isNotZero();
    assertThat(listing.text()).contains("Input/output error");
  }

  @Test
  void aFailedFlushReachesTheProgramAtClose() throws IOException {
    mounted.tree.failOn("flush", new FsException(FsError.CONFLICT, "A fault of the test."));

    Shell.Result copy = mounted.shell.attempt("cp /etc/hostname copy");
    assertThat(copy.status()).isNotZero();
    assertThat(copy.text()).contains("Device or resource busy");
    mounted.tree.heal();
    mounted.shell.run("rm copy");
  }

  @Test
  void aFaultInForgetHarmsNobody() throws IOException {
    mounted.tree.failOn("forget", new IllegalStateException("a fault of the test"));
    mounted.shell.run("for i in {1..20}; do echo >t$i; rm t$i; done");

    assertThat(mounted.shell.run("cat file")).isEqualTo("text");
  }

  private static int errno(String expression) throws IOException {
    // Not in the mount: where it fails, nothing starts there.
    Shell outside = new Shell(Path.of("/"));
    String script = "$d = q(%s); $! = 0; print((%s) ? 0 : $! + 0)";
    return Integer.parseInt(
        outside.run("perl -e '" + String.format(script, mounted.directory, expression) + "'"));
  }
}
