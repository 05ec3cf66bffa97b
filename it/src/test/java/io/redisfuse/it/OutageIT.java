package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis is gone for a while, or for good. */
class OutageIT {

  private static final Duration DEFAULT_BOUND = Duration.ofSeconds(10);
  private static final Duration SLACK = Duration.ofSeconds(5);
  private static final Duration RECOVERY = Duration.ofSeconds(20);

  /** What the change feed takes to notice, and then to read in vain. */
  private static final Duration NOTICED = Duration.ofSeconds(40);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void withoutRedisAnOperationFailsWithinTheDefaultBoundAndLaterWorksAgain() throws IOException {
    Redis redis = place.redis("--appendonly", "yes", "--appendfsync", "always");
    redis.with(client -> client.set("a", "text"));
    Mount mount = place.mount(redis).expectingErrors();
    assertThat(Files.readString(mount.resolve("a"))).isEqualTo("text");

    redis.kill();
    awaitNotKnownAnyMore(DEFAULT_BOUND, mount.resolve("a"), "text");
    requireFailureWithin(DEFAULT_BOUND, () -> Files.readString(mount.resolve("a")));

    redis.restart();
    requireRecovery(mount, redis);
  }

  @Test
  void whoIsInterruptedNeedNotWaitForAServerThatStandsStill() throws Exception {
    Redis redis = place.redis();
    redis.with(
        client -> {
          List.of("a", "b", "c").forEach(key -> client.set(key, "text"));
          client.set("large", "x".repeat(1 << 20));
        });
    Mount mount = place.mount(redis, "--timeout", "3m").expectingErrors();
    Shell shell = place.shell(mount);
    assertThat(shell.run("ls")).isEqualTo("a\nb\nc\nlarge\n");
    Path script = place.script("interrupt.py");

    redis.freeze();
    String ends =
        place
            .shell()
            .run(
                Duration.ofMinutes(5),
                "python3 "
                    + script
                    + " "
                    + mount.path()
                    + " 'cat large' 'rm a' 'mv b renamed' 'mkdir d' 'dd if=/dev/zero of=c bs=4 count=1'");
    CompletableFuture<String> disturbed =
        CompletableFuture.supplyAsync(
            () ->
                place
                    .shell()
                    .run(
                        Duration.ofMinutes(5),
                        "python3 " + script + " disturb " + mount.resolve("c")));
    Thread.sleep(1_500);
    assertThat(disturbed).as("what nobody asked to stop").isNotDone();
    redis.thaw();

    assertThat(ends)
        .isEqualTo(
            """
            cat was interrupted
            rm was interrupted
            mv was interrupted
            mkdir was interrupted
            dd was interrupted
            """);
    assertThat(disturbed.join()).isEqualTo("text");
    requireRecovery(mount, redis);
    assertThat(redis.get("c")).isEqualTo("text");
    assertThat(redis.get("b") == null).isEqualTo(redis.get("renamed") != null);
  }

  @Test
  void everyOperationIsBoundedByTheTimeout() throws IOException {
    Redis redis = place.redis("--appendonly", "yes", "--appendfsync", "always");
    redis.with(client -> client.mset("a", "text", "d:b", "text"));
    Mount mount = place.mount(redis, "--timeout", "1s").expectingErrors();
    assertThat(place.shell(mount).run("ls; cat a d/b")).isEqualTo("a\nd\ntexttext");
    FileChannel open = FileChannel.open(mount.resolve("a"), StandardOpenOption.WRITE);
    open.write(ByteBuffer.wrap(new byte[] {'T'}));

    redis.kill();
    awaitNotKnownAnyMore(Duration.ofSeconds(2), mount.resolve("d/b"), "text");
    for (ThrowingCallable operation :
        List.<ThrowingCallable>of(
            () -> Files.readString(mount.resolve("d/b")),
            () -> Files.writeString(mount.resolve("a"), "new"),
            () -> Files.writeString(mount.resolve("d/new"), "new"),
            () -> Files.delete(mount.resolve("a")),
            () -> Files.createDirectory(mount.resolve("e")),
            () -> Files.move(mount.resolve("a"), mount.resolve("c")),
            () -> open.force(true),
            open::close)) {
      requireFailureWithin(Duration.ofSeconds(2), operation);
    }

    redis.restart();
    requireRecovery(mount, redis);
    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().string("a", "again").string("d:b", "text"));
  }

  @Test
  void aServerThatStandsStillIsNoDifferent() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("a", "text"));
    Mount mount = place.mount(redis, "--timeout", "1s").expectingErrors();
    assertThat(Files.readString(mount.resolve("a"))).isEqualTo("text");

    redis.freeze();
    try {
      awaitNotKnownAnyMore(Duration.ofSeconds(2), mount.resolve("a"), "text");
      requireFailureWithin(Duration.ofSeconds(2), () -> Files.readString(mount.resolve("a")));
      requireFailureWithin(
          Duration.ofSeconds(2), () -> Files.writeString(mount.resolve("a"), "lost"));
    } finally {
      redis.thaw();
    }
    requireRecovery(mount, redis);
  }

  @Test
  void whatChangedDuringAnOutageIsSeenAfterIt() throws IOException {
    Redis redis = place.redis("--appendonly", "yes", "--appendfsync", "always");
    redis.with(client -> client.mset("a", "text", "d:b", "text"));
    Mount mount = place.mount(redis, "--timeout", "1s").expectingErrors();
    assertThat(place.shell(mount).run("ls d; cat a")).isEqualTo("b\ntext");

    redis.kill();
    redis.restart();
    redis.with(client -> client.mset("a", "changed", "d:c", "new"));
    redis.with(client -> client.del("d:b"));

    await()
        .atMost(RECOVERY)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(place.shell(mount).attempt("ls d; cat a").out())
                    .isEqualTo("c\nchanged"));
  }

  @Test
  void anEditThatCouldNotBeSavedIsKept() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("a", "text"));
    Mount mount = place.mount(redis, "--timeout", "1s").expectingErrors();
    FileChannel open = FileChannel.open(mount.resolve("a"), StandardOpenOption.WRITE);
    open.write(ByteBuffer.wrap("TEXT!".getBytes(UTF_8)));

    redis.kill();
    assertThatThrownBy(open::close).hasMessageContaining("Input/output error");

    await()
        .atMost(RECOVERY)
        .untilAsserted(
            () ->
                assertThat(
                        place
                            .shell()
                            .run(
                                "find home/state -name '*.text' -exec cat {} + 2> /dev/null || true"))
                    .isEqualTo("TEXT!"));
  }

  @Test
  void withoutRedisTheDaemonStillLeaves() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis, "--timeout", "1s").expectingErrors();
    redis.kill();

    mount.daemon().terminate();

    mount.requireCleanEnd();
  }

  /**
   * What was read before may be read again as long as nobody knows that the server is gone, which
   * the change feed notices soon.
   */
  private static void awaitNotKnownAnyMore(Duration bound, Path file, String text) {
    await()
        .atMost(NOTICED)
        .until(
            () -> {
              long start = System.nanoTime();
              try {
                assertThat(Files.readString(file)).isEqualTo(text);
                return false;
              } catch (IOException e) {
                return true;
              } finally {
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(bound.multipliedBy(2).plus(SLACK));
              }
            });
  }

  private static void requireRecovery(Mount mount, Redis redis) {
    await()
        .atMost(RECOVERY)
        .ignoreExceptions()
        .untilAsserted(() -> Files.writeString(mount.resolve("a"), "again"));
    assertThat(redis.get("a")).isEqualTo("again");
  }

  /**
   * The bound is that of one request. The kernel makes two of one call if it has to look again for
   * a name that it knew: fuse_dentry_revalidate() first, then a lookup.
   */
  private static void requireFailureWithin(Duration bound, ThrowingCallable operation) {
    long start = System.nanoTime();
    assertThatThrownBy(operation)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Input/output error");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(bound.multipliedBy(2).plus(SLACK));
  }
}
