package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands in the daemon's way is said in a sentence, without a trace of Java. */
class StartErrorsIT {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;
  private static final String PASSWORD = "correct horse";

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void noServer() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path mountPoint = place.newDirectory("m");

    Daemon daemon =
        start("--timeout", "1s", "--uri", "redis://127.0.0.1:" + port, mountPoint.toString());

    requireSentence(daemon, FAILURE, "127.0.0.1:" + port);
    assertThat(Mount.isMounted(mountPoint)).isFalse();
  }

  @Test
  void aServerThatIsNoRedis() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String uri = "redis://127.0.0.1:" + silent.getLocalPort();

      Daemon daemon = start("--timeout", "1s", "--uri", uri, place.newDirectory("m").toString());

      requireSentence(daemon, FAILURE, "127.0.0.1:" + silent.getLocalPort());
    }
  }

  @Test
  void aWrongOrMissingPassword() {
    Redis redis = place.redis("--requirepass", PASSWORD);
    String mountPoint = place.newDirectory("m").toString();

    Daemon wrong =
        place.daemon(
            Map.of("REDISFUSE_PASSWORD", "battery staple"), "--uri", redis.uri(), mountPoint);
    requireSentence(wrong, FAILURE, "password");
    assertThat(wrong.err()).doesNotContain("battery staple");

    requireSentence(start("--uri", redis.uri(), mountPoint), FAILURE, "password");
  }

  @Test
  void theRightPasswordOpens() throws IOException {
    Redis redis = place.redis("--requirepass", PASSWORD);
    Path file = Files.writeString(place.directory().resolve("password"), PASSWORD + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    String withPassword = redis.uri().replace("//", "//:correct%20horse@");

    requireReady(Map.of("REDISFUSE_PASSWORD", PASSWORD), "--uri", redis.uri(), at("m1"));
    requireReady(Map.of("REDISFUSE_URI", withPassword), at("m2"));
    requireReady(Map.of(), "--uri", redis.uri(), "--password-file", file.toString(), at("m3"));
  }

  @Test
  void aPasswordOnTheCommandLine() {
    Daemon daemon = start("--uri", "redis://:secret@127.0.0.1:6379/0", at("m"));

    requireSentence(daemon, USAGE, "password");
    assertThat(daemon.err()).contains("--password-file").doesNotContain("secret");
  }

  @Test
  void aPasswordFileThatOthersMayRead() throws IOException {
    Path file = Files.writeString(place.directory().resolve("password"), PASSWORD);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    requireSentence(start("--password-file", file.toString(), at("m")), FAILURE, "chmod 600");
  }

  @Test
  void aMountPointThatIsNotEmpty() throws IOException {
    Path mountPoint = place.newDirectory("m");
    Files.writeString(mountPoint.resolve("precious"), "data");

    requireSentence(start("--backend", "memory", mountPoint.toString()), FAILURE, "not empty");

    assertThat(mountPoint.resolve("precious")).hasContent("data");
  }

  @Test
  void aMountPointThatIsNoDirectory() throws IOException {
    Path file = Files.writeString(place.directory().resolve("file"), "data");

    requireSentence(start("--backend", "memory", file.toString()), FAILURE, "not a directory");
    requireSentence(start("--backend", "memory", file + "/m"), FAILURE, "ot a directory");

    assertThat(file).hasContent("data");
  }

  @Test
  void aMountPointInADirectoryThatIsNotThere() {
    requireSentence(
        start("--backend", "memory", place.directory() + "/no/such"), FAILURE, "does not exist");
  }

  @Test
  void anUnknownBackend() {
    Daemon daemon = start("--backend", "etcd", at("m"));

    requireSentence(daemon, USAGE, "etcd");
    assertThat(daemon.err()).contains("redis").contains("memory");
  }

  @Test
  void anUnknownOptionOrValue() {
    requireSentence(start("--frobnicate", at("m1")), USAGE, "--frobnicate");
    requireSentence(start("--new-files", "sometimes", at("m2")), USAGE, "sometimes");
    requireSentence(start("--timeout", "soon", at("m3")), USAGE, "soon");
    requireSentence(start("--backend", "memory"), USAGE, "MOUNTPOINT");
  }

  @Test
  void aBadUri() {
    requireSentence(start("--uri", "localhost:6379", at("m1")), USAGE, "localhost:6379");
    requireSentence(start("--uri", "http://localhost", at("m2")), USAGE, "http://localhost");
    requireSentence(start("--uri", "redis://host:port", at("m3")), USAGE, "redis://host:port");
  }

  @Test
  void helpShowsExamplesAndExitCodes() {
    Daemon daemon = start("--help");

    assertThat(daemon.awaitEnd()).isZero();
    assertThat(daemon.out())
        .contains("MOUNTPOINT", "--backend", "--read-only", "Examples:", "Exit status:");
    assertThat(daemon.err()).isEmpty();
  }

  private Daemon start(String... arguments) {
    return place.daemon(Map.of(), arguments);
  }

  private String at(String name) {
    return place.newDirectory(name).toString();
  }

  private void requireReady(Map<String, String> environment, String... arguments) {
    Daemon daemon = place.daemon(environment, arguments).awaitReady();
    daemon.terminate();
    assertThat(daemon.awaitEnd()).isZero();
    assertThat(daemon.err()).doesNotContain(PASSWORD);
  }

  private static void requireSentence(Daemon daemon, int status, String word) {
    assertThat(daemon.awaitEnd()).as("%s", daemon).isEqualTo(status);
    assertThat(daemon.out()).isEmpty();
    assertThat(daemon.err().lines())
        .as("%s", daemon)
        .filteredOn(line -> line.startsWith("redisfuse-daemon: "))
        .hasSize(1)
        .allSatisfy(line -> assertThat(line).contains(word).endsWith("."));
    assertThat(daemon.err())
        .as("%s", daemon)
        .doesNotContain("\tat ")
        .doesNotContain("Exception")
        .doesNotContain("java.");
  }
}
