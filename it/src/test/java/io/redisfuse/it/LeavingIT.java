package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a mount ends, and what is saved then. */
class LeavingIT {

  @RegisterExtension final Workplace place = new Workplace();

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalSavesWhatIsDirtyAndUnmounts(String signal) throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.mset("old", "0123456789"));
    Mount mount = place.mount(redis);
    FileChannel created = create(mount, "new", "new text");
    FileChannel changed = FileChannel.open(mount.resolve("old"), StandardOpenOption.WRITE);
    changed.write(text("OLD"), 3);
    FileChannel field = create(mount, "hash.field", "value");

    mount.daemon().signal(signal);

    mount.requireCleanEnd();
    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("new", "new text")
                .string("old", "012OLD6789")
                .field("hash", "field", "value"));
    abandon(created, changed, field);
  }

  @Test
  void fusermountUnmountsWhatNobodyUses() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    place.shell(mount).run("echo x > a");

    mount.unmount();

    assertThat(mount.path()).isEmptyDirectory();
    assertThat(redis.get("a")).isEqualTo("x\n");
  }

  @Test
  void afterALazyUnmountAnOpenFileIsStillSaved() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    FileChannel open = create(mount, "a", "before");

    place.shell().run("fusermount -uz " + mount.path());
    open.write(text(" after"));
    open.close();

    mount.requireCleanEnd();
    assertThat(redis.get("a")).isEqualTo("before after");
  }

  @Test
  void aSaveThatARivalForestalledIsKeptAtTheEnd() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("a", "first"));
    Mount mount = place.mount(redis).expectingErrors();
    FileChannel open = FileChannel.open(mount.resolve("a"), StandardOpenOption.WRITE);
    open.write(text("mine!"));
    redis.with(client -> client.set("a", "rival's"));

    mount.daemon().terminate();

    assertThat(mount.daemon().awaitEnd()).isLessThan(2);
    assertThat(redis.get("a")).isEqualTo("rival's");
    assertThat(place.shell().run("find home/state -name '*.text' -exec cat {} +"))
        .isEqualTo("mine!");
    abandon(open);
  }

  @Test
  void aCrashLeavesWholeValuesAndANewDaemonMountsOverTheDeadMount() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("a", "whole"));
    Mount mount = place.mount(redis);
    FileChannel open =
        FileChannel.open(
            mount.resolve("a"), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    open.write(text("half"));

    mount.daemon().kill();

    assertThat(redis.get("a")).isEqualTo("whole");
    place
        .shell()
        .attempt("ls " + mount.path())
        .requireFailure("Transport endpoint is not connected");
    assertThat(Mount.isMounted(mount.path())).isTrue();
    Mount again = place.mountAt(mount.path(), redis);
    assertThat(Files.readString(again.resolve("a"))).isEqualTo("whole");
    assertThat(again.daemon().err()).contains("died");
    abandon(open);
    again.unmount();
    assertThat(Mount.isMounted(mount.path())).isFalse();
  }

  @Test
  void aMountThatIsInUseIsLeftAlone() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Files.writeString(mount.resolve("a"), "text");

    Daemon second = place.daemon(Map.of(), "--uri", redis.uri(), mount.path().toString());

    assertThat(second.awaitEnd()).isEqualTo(1);
    assertThat(second.err()).contains("fusermount -u " + mount.path());
    assertThat(Files.readString(mount.resolve("a"))).isEqualTo("text");
  }

  private static FileChannel create(Mount mount, String name, String content) throws IOException {
    FileChannel open =
        FileChannel.open(mount.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    open.write(text(content));
    return open;
  }

  /** The daemon is gone, so closing fails: that is not what the test is about. */
  private static void abandon(FileChannel... channels) {
    for (FileChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        assertThat(e).isNotNull();
      }
    }
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
