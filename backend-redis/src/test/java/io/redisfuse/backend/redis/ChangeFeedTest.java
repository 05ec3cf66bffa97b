package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Subscription;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** What a feed tells when its connection or its server is lost, and when it ends. */
@Timeout(120)
@Tag("server")
final class ChangeFeedTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final RecordingListener listener = new RecordingListener();
  private RedisServer server;
  private RawRedis redis;
  private RedisBackend backend;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    redis = RawRedis.of(server);
    backend = RedisBackend.connect(server.options().withTimeLimit(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    backend.close();
    redis.close();
    server.close();
  }

  @Test
  void aKilledFeedResetsAndGoesOn() {
    backend.watch(Bytes.EMPTY, listener);
    killFeed();

    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    await().atMost(PATIENCE).until(this::isHeard);
  }

  @Test
  void aServerThatStartsAgainResetsAndIsHeardAgain() {
    backend.watch(Bytes.EMPTY, listener);
    server.kill();
    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    server.restart();
    await().atMost(PATIENCE).until(() -> listener.resets() >= 2);

    try (RawRedis again = RawRedis.of(server)) {
      again.ask(Command.SET, "after", "x");
    }

    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
  }

  @Test
  void aFrozenServerIsNoticed() {
    backend.watch(Bytes.EMPTY, listener);

    server.freeze();

    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    server.thaw();
    await().atMost(PATIENCE).until(() -> listener.resets() >= 2);
    redis.ask(Command.SET, "after", "x");
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
  }

  @Test
  void whoCatchesUpWithAServerThatDoesNotAnswerIsTold() throws Exception {
    Subscription feed = backend.watch(Bytes.EMPTY, listener);
    server.freeze();
    assertThat(feed.catchUp(Duration.ofMillis(100))).isFalse();
    server.thaw();
    assertThat(feed.catchUp(PATIENCE)).isTrue();
  }

  @Test
  void whoCatchesUpWithALostFeedHasHeardThatItIs() throws Exception {
    Subscription feed = backend.watch(Bytes.EMPTY, listener);
    for (int i = 1; i <= 10; i++) {
      redis.ask(Command.SET, "key" + i, "x");
      killFeed();

      assertThat(feed.catchUp(PATIENCE)).isTrue();

      assertThat(listener.hasHeardOf("key" + i) || listener.resets() > 0).isTrue();
      await().atMost(PATIENCE).until(this::isHeard);
    }
  }

  @Test
  void aPausedServerIsHeardAgain() {
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.CLIENT, "PAUSE", 3000, "ALL");

    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    await().atMost(PATIENCE).until(this::isHeard);
  }

  @Test
  void aServerWhoseWritesArePausedIsHeardAllTheTime() {
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.CLIENT, "PAUSE", 1700, "WRITE");

    redis.ask(Command.SET, "after", "x");
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
    assertThat(listener.resets()).isZero();
  }

  @Test
  void aServerThatIsBusyWithAScriptIsHeardAfterwards() {
    redis.ask(Command.CONFIG, "SET", "busy-reply-threshold", 100);
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(
        Command.EVAL,
        "local function now() local t = redis.call('TIME'); return t[1] * 1000 + t[2] / 1000 end;"
            + " local last = now() + 1700; repeat until now() > last; redis.call('SET', 'after', 'x')",
        0);

    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
    assertThat(listener.resets()).isZero();
  }

  @Test
  void aFeedThatTheServerEndsForItsLengthResetsAndGoesOn() {
    redis.ask(Command.CONFIG, "SET", "client-output-buffer-limit", "normal 1mb 0 0");
    backend.watch(Bytes.EMPTY, listener);
    String before = feedId();

    redis.ask(Command.EVAL, "for i = 1, 90000 do redis.call('SET', 'some:key:' .. i, 'x') end", 0);

    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
    await().atMost(PATIENCE).until(this::isHeard);
    assertThat(feedId()).isNotEqualTo(before);
  }

  @Test
  void aQuietFeedStays() {
    backend.watch(Bytes.EMPTY, listener);

    // Longer than the feed would wait for a server that says nothing.
    await().pollDelay(Duration.ofSeconds(4)).until(() -> true);

    assertThat(listener.calls()).isZero();
  }

  @Test
  void flushingIsAReset() {
    redis.ask(Command.SET, "key", "x");
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.FLUSHALL);

    await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
  }

  @Test
  void anExpiryIsAChange() {
    redis.ask(Command.SET, "key", "x");
    backend.watch(Bytes.EMPTY, listener);
    redis.ask(Command.PEXPIRE, "key", 1);

    await()
        .atMost(PATIENCE)
        .until(() -> redis.text(Command.EXISTS, "key").equals("0") && listener.hasHeardOf("key"));
  }

  @Test
  void onlyThePrefixIsHeardOf() {
    backend.watch(Bytes.utf8("mine:*"), listener);
    redis.ask(Command.SET, "yours", "x");
    redis.ask(Command.SET, "mine:x", "x");
    redis.ask(Command.SET, "mine:*y", "x");

    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("mine:*y"));
    assertThat(listener.hasHeardOf("yours")).isFalse();
    assertThat(listener.hasHeardOf("mine:x")).isFalse();
  }

  @Test
  void aListenerThatFailsHearsTheNextChange() {
    AtomicBoolean failed = new AtomicBoolean();
    backend.watch(
        Bytes.EMPTY,
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            if (failed.compareAndSet(false, true)) {
              throw new IllegalStateException("mine");
            }
            listener.changed(key);
          }

          @Override
          public void reset() {
            listener.reset();
          }
        });
    redis.ask(Command.SET, "one", "x");
    await().atMost(PATIENCE).until(failed::get);

    redis.ask(Command.SET, "two", "x");

    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("two"));
  }

  @Test
  void closeWaitsForTheListenerAndThenItHearsNothing() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicBoolean inside = new AtomicBoolean();
    Subscription feed =
        backend.watch(
            Bytes.EMPTY,
            new ChangeListener() {
              @Override
              public void changed(Bytes key) {
                inside.set(true);
                entered.countDown();
                try {
                  leave.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                listener.changed(key);
                inside.set(false);
              }

              @Override
              public void reset() {
                listener.reset();
              }
            });
    redis.ask(Command.MSET, "one", "x", "two", "x", "three", "x");
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    Thread closing = new Thread(feed::close);
    closing.start();
    await().atMost(PATIENCE).until(() -> closing.getState() == Thread.State.WAITING);

    leave.countDown();
    closing.join(30_000);

    assertThat(closing.isAlive()).isFalse();
    assertThat(inside).isFalse();
    int calls = listener.calls();
    redis.ask(Command.SET, "late", "x");
    // The feed's connection is gone, so nothing can come any more.
    await().atMost(PATIENCE).until(() -> !redis.text(Command.CLIENT, "LIST").contains("resp=3"));
    assertThat(listener.calls()).isEqualTo(calls);
  }

  @Test
  void aFeedMayBeClosedByItsListener() {
    AtomicBoolean closed = new AtomicBoolean();
    Subscription[] feed = new Subscription[1];
    CountDownLatch started = new CountDownLatch(1);
    feed[0] =
        backend.watch(
            Bytes.EMPTY,
            new ChangeListener() {
              @Override
              public void changed(Bytes key) {
                try {
                  started.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                feed[0].close();
                closed.set(true);
              }

              @Override
              public void reset() {}
            });
    started.countDown();

    redis.ask(Command.SET, "key", "x");

    await().atMost(PATIENCE).until(closed::get);
  }

  @Test
  void closingTheBackendEndsItsFeeds() {
    backend.watch(Bytes.EMPTY, listener);
    backend.watch(Bytes.utf8("a"), new RecordingListener());

    backend.close();

    await()
        .atMost(PATIENCE)
        .until(() -> !redis.text(Command.CLIENT, "LIST").contains("name=redisfuse"));
    assertThat(listener.calls()).isZero();
  }

  /** Changes a key; says whether that was reported, as it is again once the feed is back. */
  private boolean isHeard() {
    redis.ask(Command.SET, "heard", "x");
    return listener.hasHeardOf("heard");
  }

  private void killFeed() {
    assertThat(redis.text(Command.CLIENT, "KILL", "ID", feedId())).isEqualTo("1");
  }

  private String feedId() {
    return redis
        .text(Command.CLIENT, "LIST")
        .lines()
        .filter(line -> line.contains("name=redisfuse") && line.contains("resp=3"))
        .findFirst()
        .orElseThrow()
        .replaceFirst("^id=([0-9]+) .*$", "$1");
  }
}
