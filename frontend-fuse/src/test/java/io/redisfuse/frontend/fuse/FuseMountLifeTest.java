package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a mount begins, and all the ways in which it ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountLifeTest {

  @Parameter MountOptions.Binding binding;

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final Shell outside = new Shell(Path.of("/"));
  private final FileTree tree = new FileTree();
  private Path directory;

  @BeforeEach
  void makeMountPoint() throws IOException {
    directory = Files.createTempDirectory("redisfuse-life é ").toRealPath();
  }

  @AfterEach
  void removeMountPoint() throws IOException {
    try {
      Mounted.release(directory);
    } finally {
      tree.close();
    }
  }

  private MountOptions options() {
    return Mounted.OPTIONS.withBinding(binding);
  }

  private FuseMount mount(MountOptions options) throws IOException {
    return FuseMount.mount(directory, tree, options);
  }

  private boolean isMounted() {
    return MountTable.at(MountPoint.rawBytes(directory)).isPresent();
  }

  @Test
  void aMountIsUsableWhenItIsMadeAndGoneWhenItIsClosed() throws Exception {
    FuseMount mount = mount(options());
    assertThat(mount.mountPoint()).isEqualTo(directory);
    Files.writeString(directory.resolve("file"), "text");
    assertThat(mount.awaitUnmounted(Duration.ofMillis(1))).isFalse();

    mount.close();

    assertThat(isMounted()).isFalse();
    assertThat(mount.awaitUnmounted(Duration.ZERO)).isTrue();
    assertThat(directory).isEmptyDirectory();
    mount.close();
  }

  @Test
  void aMountPointIsUsedAgainAndAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (FuseMount mount = mount(options())) {
        assertThat(mount.mountPoint()).isEqualTo(directory);
        Files.writeString(directory.resolve("file"), "text " + i);
        assertThat(directory.resolve("file")).hasContent("text " + i);
      }
    }
    assertThat(isMounted()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fusermount -u", "umount"})
  void anUnmountFromOutsideEndsTheMount(String command) throws Exception {
    FuseMount mount = mount(options());
    Files.writeString(directory.resolve("file"), "text");

    outside.run(command + " '" + directory + "'");

    assertThat(mount.awaitUnmounted(BOUND)).isTrue();
    mount.close();
    assertThat(isMounted()).isFalse();
  }

  @Test
  void aMountIsNotUnmountedFromOutsideWhileAFileIsOpen() throws Exception {
    try (FuseMount mount = mount(options());
        FileChannel file = create("file")) {
      assertThat(outside.attempt("fusermount -u '" + directory + "'").text()).contains("busy");

      file.write(ByteBuffer.wrap(new byte[10]));
      assertThat(mount.awaitUnmounted(Duration.ofMillis(1))).isFalse();
      assertThat(Files.size(directory.resolve("file"))).isEqualTo(10);
    }
  }

  @Test
  void aFileThatIsOpenAtALazyUnmountIsServedUntilItIsClosed() throws Exception {
    FuseMount mount = mount(options());
    try (FileChannel file = create("file")) {
      outside.run("fusermount -uz '" + directory + "'");

      file.write(ByteBuffer.wrap(new byte[10]));
      assertThat(file.size()).isEqualTo(10);
      assertThat(mount.awaitUnmounted(Duration.ofMillis(1))).isFalse();
    }
    assertThat(mount.awaitUnmounted(BOUND)).isTrue();
    mount.close();
  }

  @Test
  void closeDoesNotWaitForeverForAFileThatIsHeldOpen() throws Exception {
    FuseMount mount = mount(options().withPatience(Duration.ofMillis(300)));
    try (FileChannel file = create("file")) {
      file.write(ByteBuffer.wrap(new byte[10]));

      Instant start = Instant.now();
      mount.close();
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));

      assertThat(isMounted()).isFalse();
      assertThatThrownBy(() -> file.write(ByteBuffer.wrap(new byte[10])))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No such device");
    } catch (IOException e) {
      // The close of the file may report it too.
      assertThat(e).hasMessageContaining("No such device");
    }
    assertThat(mount.awaitUnmounted(BOUND)).isTrue();
  }

  @Test
  void aMountThatAnotherTookThePlaceOfIsLeftAlone() throws Exception {
    FuseMount first = mount(options());
    outside.run("umount '" + directory + "'");
    assertThat(first.awaitUnmounted(BOUND)).isTrue();

    try (FuseMount second = mount(options())) {
      first.close();

      Files.writeString(second.mountPoint().resolve("file"), "text");
      assertThat(isMounted()).isTrue();
    }
  }

  @Test
  void aReadOnlyMountRefusesEveryChange() throws Exception {
    try (FuseMount mount = mount(options().with(MountOptions.Flag.READ_ONLY))) {
      assertThatThrownBy(() -> Files.createFile(mount.mountPoint().resolve("file")))
          .hasMessageContaining("Read-only file system");
    }
  }

  @Test
  void otherUsersMayUseAMountOnlyWhenTheyAreAllowed() throws Exception {
    String asNobody = "setpriv --reuid 65534 --clear-groups stat -c %s '" + directory + "'";
    try (FuseMount mount = mount(options())) {
      outside.run("chmod 755 '" + mount.mountPoint() + "'");
      assertThat(outside.attempt(asNobody).text()).contains("Permission denied");
    }
    try (FuseMount mount = mount(options().with(MountOptions.Flag.ALLOW_OTHER))) {
      outside.run("chmod 755 '" + mount.mountPoint() + "'");
      assertThat(outside.run(asNobody)).isEqualTo("0");
    }
  }

  @Test
  void attributesAreAskedForAnewUnlessTheMountMayRelyOnThem() throws Exception {
    if (binding == MountOptions.Binding.KERNEL) {
      // There the answers say for how long they may be relied on.
      return;
    }
    int asked = statOften(options());
    int trusted = statOften(options().withAttributeTimeout(Duration.ofSeconds(30)));

    assertThat(asked).isGreaterThanOrEqualTo(100);
    assertThat(trusted).isLessThan(10);
  }

  private int statOften(MountOptions options) throws IOException {
    try (FuseMount mount = mount(options)) {
      Path file = mount.mountPoint().resolve("file");
      Files.writeString(file, "text");
      int before = tree.calls("attributes");
      for (int i = 0; i < 100; i++) {
        Files.size(file);
      }
      return tree.calls("attributes") - before;
    }
  }

  @Test
  void aFileSystemThatDoesNotAnswerIsNotLeftMounted() {
    tree.failOn("attributes", new FsException(FsError.IO, "A fault of the test."));

    assertThatThrownBy(() -> mount(options()))
        .isInstanceOf(MountException.class)
        .hasMessageContaining(directory.toString());
    assertThat(isMounted()).isFalse();
  }

  @Test
  void aMountPointThatDoesNotFitIsRefusedInASentence() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertRefused(directory, "not empty");
    assertRefused(file, "not a directory");
    Files.delete(file);
    assertRefused(directory.resolve("missing"), "does not exist", "mkdir -p");
    try (FuseMount mount = mount(options())) {
      assertRefused(mount.mountPoint(), "already", "fusermount -u");
    }
  }

  private void assertRefused(Path path, String... words) {
    assertThatThrownBy(() -> FuseMount.mount(path, tree, options()))
        .isInstanceOf(MountException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void aSignalThatEndsTheJvmUnmounts(String signal) throws Exception {
    Process daemon = startDaemon();
    outside.run("echo text >'" + directory + "/file'");

    signal(daemon, signal);

    assertThat(daemon.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(isMounted()).isFalse();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aDaemonEndsWhenItsMountIsUnmounted() throws Exception {
    Process daemon = startDaemon();

    outside.run("fusermount -u '" + directory + "'");

    assertThat(daemon.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isZero();
  }

  @Test
  void aSignalEndsTheJvmWhileAFileIsHeldOpen() throws Exception {
    Process daemon = startDaemon();
    try (FileChannel file = create("file")) {
      file.write(ByteBuffer.wrap(new byte[10]));

      signal(daemon, "TERM");

      assertThat(daemon.waitFor(BOUND.toSeconds() + 10, TimeUnit.SECONDS)).isTrue();
      assertThat(isMounted()).isFalse();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("connect");
    }
  }

  @Test
  void whatAKilledDaemonLeftMountedIsUnmountedByTheNext() throws Exception {
    Process daemon = startDaemon();
    signal(daemon, "KILL");
    assertThat(daemon.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(BOUND)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> Files.getFileStore(directory).getTotalSpace())
                    .isInstanceOf(IOException.class));
    assertThat(isMounted()).isTrue();

    try (FuseMount mount = mount(options())) {
      Files.writeString(mount.mountPoint().resolve("file"), "text");
    }
    assertThat(isMounted()).isFalse();
  }

  @Test
  void aMountThatDoesNotAnswerIsRefusedInASentenceAndLeftAlone() throws Exception {
    if (binding == MountOptions.Binding.LIBFUSE) {
      // There the path itself cannot be told, since nothing of it is known without asking.
      return;
    }
    Process daemon = startDaemon();
    signal(daemon, "STOP");
    try {
      assertRefused(directory, "does not answer", "umount -f");
    } finally {
      signal(daemon, "CONT");
    }
    assertThat(outside.run("ls '" + directory + "'")).isEmpty();
    outside.run("fusermount -u '" + directory + "'");
    assertThat(daemon.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private FileChannel create(String name) throws IOException {
    return FileChannel.open(
        directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private Process startDaemon() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MountProgram.class.getName(),
                directory.toString(),
                binding.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = output.readLine();
    while (line != null && !line.equals("ready")) {
      line = output.readLine();
    }
    assertThat(line).isEqualTo("ready");
    return process;
  }

  private void signal(Process daemon, String signal) throws IOException {
    outside.run("kill -" + signal + " " + daemon.pid());
  }
}
