package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers that cannot, or must not, report changes: the mount says so, and goes and looks. */
class NoFeedIT {

  /** All keys are looked through every five seconds. */
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void aServerWithoutReportsIsLookedThrough() throws IOException {
    Redis redis = place.redis("--rename-command", "HELLO", "");
    redis.with(client -> client.mset("d:a", "one", "d:b", "two", "e:gone", "x"));
    Mount mount = place.mount(redis).expectingErrors();
    Shell shell = place.shell(mount);

    assertThat(mount.daemon().err())
        .contains("does not know")
        .contains("What others change is found when files are opened");
    new TreeChecker(mount, redis).requireEqual("at the start");

    // Files are as they are now; so is what is gone.
    redis.with(client -> client.set("d:a", "three"));
    assertThat(shell.run("cat d/a; stat -c %s d/a")).isEqualTo("three5\n");
    redis.with(client -> client.del("d:b"));
    assertThat(shell.attempt("cat d/b").status()).isNotZero();
    redis.with(client -> client.set("d:new", "four"));
    assertThat(shell.run("cat d/new")).isEqualTo("four");

    // What is new is listed after a while, and so is a new directory.
    redis.with(client -> client.mset("f:g:h", "five", "top", "six"));
    redis.with(client -> client.del("e:gone"));
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(shell.run("ls; ls f/g; ls d")).isEqualTo("d\nf\ntop\nh\na\nnew\n"));
    new TreeChecker(mount, redis).requireEqual("after changes");
  }

  @Test
  void savesAreAsSafeAsEver() throws IOException {
    Redis redis = place.redis("--rename-command", "HELLO", "");
    redis.with(client -> client.set("note", "one"));
    Mount mount = place.mount(redis).expectingErrors();

    assertThat(Files.readString(mount.resolve("note"))).isEqualTo("one");
    redis.with(client -> client.set("note", "rival"));
    assertThatThrownBy(
            () -> {
              try (FileChannel channel =
                  FileChannel.open(
                      mount.resolve("note"),
                      StandardOpenOption.WRITE,
                      StandardOpenOption.TRUNCATE_EXISTING)) {
                channel.write(ByteBuffer.wrap(new byte[] {'2'}));
                channel.force(true);
              }
            })
        .isInstanceOf(IOException.class);
    assertThat(redis.get("note")).isEqualTo("rival");
    assertThat(Files.readString(mount.resolve("note"))).isEqualTo("rival");
    Files.writeString(mount.resolve("note"), "mine");
    assertThat(redis.get("note")).isEqualTo("mine");

    FileTime before = Files.getLastModifiedTime(mount.resolve("note"));
    assertThat(Files.getLastModifiedTime(mount.resolve("note"))).isEqualTo(before);
    redis.with(client -> client.set("note", "else"));
    assertThat(Files.getLastModifiedTime(mount.resolve("note"))).isGreaterThan(before);
  }

  @Test
  void aUserWhoMayNotTrackIsToldWhatToAskFor() throws IOException {
    Redis redis = place.redis();
    redis.with(
        client ->
            client.aclSetUser("plain", "on", "nopass", "~*", "&*", "+@all", "-client|tracking"));
    redis.with(client -> client.set("d:a", "one"));
    Path password = place.newDirectory("secret").resolve("password");
    Files.writeString(password, "any\n");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    Mount mount =
        place
            .mountUri(redis.uri("plain"), "--password-file", password.toString())
            .expectingErrors();

    assertThat(mount.daemon().err()).contains("+client|tracking");
    assertThat(place.shell(mount).run("cat d/a")).isEqualTo("one");
  }

  @Test
  void theLookThroughAllKeysMayTakeItsTime() {
    Redis redis = place.redis();
    redis.with(
        client -> {
          try (var pipeline = client.pipelined()) {
            for (int i = 0; i < 20_000; i++) {
              pipeline.set("d:" + i, "v");
            }
          }
        });
    Mount mount = place.mount(redis, "--scan-pause", "100ms");
    Shell shell = place.shell(mount);
    long began = System.nanoTime();
    assertThat(shell.run("cat d/7")).as("without the index").isEqualTo("v");
    assertThat(shell.run("ls d | wc -l").strip()).isEqualTo("20000");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
  }
}
