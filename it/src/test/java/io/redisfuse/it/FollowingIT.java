package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Programs that look at one thing for a while, which others change meanwhile. */
class FollowingIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void tailSeesWhatIsAppended() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("log", "line 0\n"));
    Mount mount = place.mount(redis);
    Path seen = place.directory().resolve("seen");
    Process tail =
        new ProcessBuilder("tail", "-s", "0.1", "-n", "+1", "-f", mount.resolve("log").toString())
            .redirectOutput(seen.toFile())
            .start();
    place.onClose(() -> end(tail));

    StringBuilder expected = new StringBuilder("line 0\n");
    for (int line = 1; line <= 20; line++) {
      String text = "line " + line + "\n";
      redis.with(client -> client.append("log", text));
      expected.append(text);
      if (line % 5 == 0) {
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(Files.readString(seen)).isEqualTo(expected.toString()));
      }
    }
  }

  private static void end(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theModificationTimeChangesWithTheContentAndNotWithoutIt() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("s", "text"));
    redis.with(client -> client.hset("h", "f", "text"));
    Mount mount = place.mount(redis);
    for (Path file : List.of(mount.resolve("s"), mount.resolve("h.f"))) {
      assertThat(Files.readString(file)).isEqualTo("text");
      FileTime first = Files.getLastModifiedTime(file);
      assertThat(Files.getLastModifiedTime(file)).isEqualTo(first);

      redis.with(
          client -> {
            client.set("s", "text");
            client.hset("h", "f", "text");
            client.expire("s", 1000);
            client.expire("h", 1000);
            client.hset("h", "other", "x");
          });
      requireHeard(redis, mount);
      assertThat(Files.getLastModifiedTime(file)).as("%s, unchanged", file).isEqualTo(first);
      assertThat(Files.readString(file)).isEqualTo("text");
      assertThat(Files.getLastModifiedTime(file)).as("%s, unchanged", file).isEqualTo(first);

      redis.with(
          client -> {
            client.set("s", "TEXT");
            client.hset("h", "f", "TEXT");
          });
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(Files.getLastModifiedTime(file))
                      .as("%s, changed", file)
                      .isGreaterThan(first));
      FileTime second = Files.getLastModifiedTime(file);
      assertThat(Files.readString(file)).isEqualTo("TEXT");
      assertThat(Files.getLastModifiedTime(file)).as("%s, read", file).isEqualTo(second);
      redis.with(
          client -> {
            client.set("s", "text");
            client.hset("h", "f", "text");
          });
      requireHeard(redis, mount);
    }
  }

  private int heard;

  /** The feed tells in order: once a later change is listed, the mount knows of those before it. */
  private void requireHeard(Redis redis, Mount mount) {
    String name = "heard" + heard++;
    redis.with(client -> client.set(name, ""));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(place.shell(mount).run("ls").lines()).contains(name));
  }

  @Test
  void oneOpenSeesOneValue() throws Exception {
    Redis redis = place.redis();
    set(redis, 0);
    Mount mount = place.mount(redis);
    AtomicInteger written = new AtomicInteger();
    AtomicBoolean ended = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              try (Jedis client = redis.client()) {
                while (!ended.get()) {
                  int value = written.incrementAndGet();
                  client.set(key(), value(value).getBytes(UTF_8));
                  pause(value % 3);
                }
              }
            },
            "writer");
    writer.start();
    place.onClose(
        () -> {
          ended.set(true);
          writer.join(10_000);
        });

    List<String> wrong = new ArrayList<>();
    for (int round = 0; round < OPENS; round++) {
      // Some programs ask for the size first, and some do not.
      look(mount.resolve("value"), round % 2 == 0).ifWrong(wrong);
    }
    ended.set(true);
    writer.join(10_000);
    assertThat(wrong).isEmpty();

    // Nobody changes it any more.
    set(redis, 7);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(Files.readString(mount.resolve("value"))).isEqualTo(value(7)));
    Look look = look(mount.resolve("value"), /* asksFirst= */ true);
    assertThat(look.sizeBefore()).isEqualTo(value(7).length()).isEqualTo(look.sizeAfter());
    assertThat(new String(look.content(), UTF_8)).isEqualTo(value(7));
  }

  private static final long UNKNOWN = -1;

  private static final int OPENS = Boolean.getBoolean("redisfuse.all") ? 20_000 : 1_000;

  private static byte[] key() {
    return "value".getBytes(UTF_8);
  }

  private static void set(Redis redis, int value) {
    redis.with(client -> client.set(key(), value(value).getBytes(UTF_8)));
  }

  /** One letter many times: each letter has a length of its own. */
  private static String value(int number) {
    int letter = number % 26;
    return String.valueOf((char) ('a' + letter)).repeat(length(letter));
  }

  /** From none to a few requests of the kernel, not in order. */
  private static int length(int letter) {
    return letter * 7 % 26 * 12_345;
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What one open showed: by fstat, by reading from one end to the other, and by fstat again. */
  private record Look(long sizeBefore, byte[] content, long sizeAfter) {

    void ifWrong(List<String> wrong) {
      String letters =
          new String(content, UTF_8)
              .chars()
              .distinct()
              .mapToObj(Character::toString)
              .reduce("", String::concat);
      boolean whole =
          letters.isEmpty()
              ? content.length == 0
              : letters.length() == 1 && length(letters.charAt(0) - 'a') == content.length;
      boolean agrees =
          sizeBefore == UNKNOWN || sizeBefore != sizeAfter || sizeBefore == content.length;
      if (!whole || !agrees) {
        wrong.add(
            "%d of <%s> where fstat said %d and then %d"
                .formatted(content.length, letters, sizeBefore, sizeAfter));
      }
    }
  }

  private static Look look(Path file, boolean asksFirst) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long before = asksFirst ? channel.size() : UNKNOWN;
      ByteBuffer content = ByteBuffer.allocate(1 << 20);
      ByteBuffer part = ByteBuffer.allocateDirect(50_000);
      while (channel.read(part) > 0) {
        content.put(part.flip());
        part.clear();
      }
      return new Look(before, Arrays.copyOf(content.array(), content.position()), channel.size());
    }
  }

  private static final int STAYING = 2_000;

  @Test
  void oneListingIsOneSnapshot() throws Exception {
    Redis redis = place.redis();
    redis.with(
        client -> {
          try (Pipeline pipeline = client.pipelined()) {
            for (int i = 0; i < STAYING; i++) {
              pipeline.set("d:stay" + i, "");
              pipeline.set("d:leave" + i, "");
            }
            for (int i = 0; i < 100; i++) {
              pipeline.set("d:moving" + i, "");
            }
          }
        });
    Mount mount = place.mount(redis);
    assertThat(place.shell(mount).run("ls d | wc -l").strip()).isEqualTo("4100");
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger changes = new AtomicInteger();
    Thread changer =
        new Thread(
            () -> {
              try (Jedis client = redis.client()) {
                for (int i = 0; !ended.get(); i = (i + 1) % STAYING) {
                  client.set("d:come" + i, "");
                  client.del("d:leave" + i);
                  String moving = "d:moving" + i % 100;
                  String moved = moving + "moved";
                  if (client.exists(moving)) {
                    client.rename(moving, moved);
                  } else {
                    client.rename(moved, moving);
                  }
                  changes.incrementAndGet();
                }
              }
            },
            "changer");
    changer.start();
    place.onClose(
        () -> {
          ended.set(true);
          changer.join(10_000);
        });

    Path listing = place.script("listing.py");
    for (int round = 0; round < 2; round++) {
      int before = changes.get();
      List<String> names = place.shell(mount).run("python3 " + listing + " d 5").lines().toList();
      assertThat(changes.get() - before).as("changes during the listing").isPositive();

      assertThat(names).doesNotHaveDuplicates();
      assertThat(names).containsAll(IntStream.range(0, STAYING).mapToObj(i -> "stay" + i).toList());
      assertThat(names).allMatch(name -> name.matches("(stay|leave|come|moving)[0-9]+(moved)?"));
    }
    ended.set(true);
    changer.join(10_000);
    List<String> keys =
        redis.keyspace().keys().keySet().stream()
            .map(key -> key.toUtf8().substring("d:".length()))
            .toList();
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(place.shell(mount).run("ls d").lines())
                    .containsExactlyInAnyOrderElementsOf(keys));
  }
}
