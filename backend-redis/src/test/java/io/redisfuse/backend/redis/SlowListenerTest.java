package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** What a listener that takes its time costs: nothing on the server, and a reset. */
@Timeout(180)
@Tag("server")
final class SlowListenerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Changes keys from one number to another. */
  private static final String CHANGE_KEYS =
      "for i = ARGV[1], ARGV[2] do redis.call('SET', 'some:key:' .. i, 'x') end";

  private final RecordingListener listener = new RecordingListener();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger tellings = new AtomicInteger();
  private RedisServer server;
  private RawRedis redis;
  private RedisBackend backend;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    redis = RawRedis.of(server);
    backend = RedisBackend.connect(server.options());
    backend.watch(
        Bytes.EMPTY,
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            entered.countDown();
            awaitQuietly(goOn);
            tellings.incrementAndGet();
            listener.changed(key);
          }

          @Override
          public void reset() {
            listener.reset();
          }
        });
    redis.ask(Command.SET, "first", "x");
  }

  @AfterEach
  void stop() {
    goOn.countDown();
    backend.close();
    redis.close();
    server.close();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(120, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theServerKeepsNothingForItAndItIsToldThatAnythingMayHaveChanged() throws Exception {
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();

    // 1.5 million changes of 300,000 keys, which is more than may wait.
    for (int round = 0; round < 5; round++) {
      for (int from = 0; from < 300_000; from += 10_000) {
        redis.ask(Command.EVAL, CHANGE_KEYS, 0, from, from + 9_999);
      }
    }

    await().atMost(PATIENCE).until(() -> keptForFeed() == 0);
    assertThat(listener.calls()).isZero();
    goOn.countDown();
    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    redis.ask(Command.SET, "after", "x");
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
    assertThat(listener.resets()).isEqualTo(1);
  }

  @Test
  void aKeyThatChangesAllTheTimeIsToldAFewTimes() throws Exception {
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 100; i++) {
      redis.ask(Command.EVAL, "for i = 1, 100 do redis.call('SET', 'busy', i) end", 0);
    }
    redis.ask(Command.SET, "last", "x");

    await().atMost(PATIENCE).until(() -> keptForFeed() == 0);
    goOn.countDown();
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("last"));
    assertThat(listener.hasHeardOf("busy")).isTrue();
    assertThat(listener.resets()).isZero();
    // The first, the last, and the busy one, once for what had been read when it was told.
    assertThat(tellings).hasValueLessThan(10);
  }

  /** How many bytes the server keeps for the feed until they are read. */
  private long keptForFeed() {
    String feed =
        redis
            .text(Command.CLIENT, "LIST")
            .lines()
            .filter(line -> line.contains("name=redisfuse") && line.contains("resp=3"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(feed.replaceFirst("^.* oll=([0-9]+) .*$", "$1"))
        + Long.parseLong(feed.replaceFirst("^.* omem=([0-9]+) .*$", "$1"));
  }
}
