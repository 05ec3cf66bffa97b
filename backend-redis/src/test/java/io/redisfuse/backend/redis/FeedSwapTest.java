package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/** SWAPDB, of which the server sends no message. */
@Timeout(120)
@Tag("server")
final class FeedSwapTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** More than a heartbeat and its answer take. */
  private static final Duration SEVERAL_HEARTBEATS = Duration.ofMillis(1200);

  private final RecordingListener listener = new RecordingListener();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ChangeFeed.class);
  private RedisServer server;
  private RawRedis redis;

  @BeforeEach
  void start() {
    logged.start();
    logger.addAppender(logged);
    server = RedisServer.start();
    redis = RawRedis.of(server);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(logged);
    redis.close();
    server.close();
  }

  @Test
  void eachSwapIsAReset() {
    redis.ask(Command.SWAPDB, 0, 1);
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.watch(Bytes.EMPTY, listener);
      redis.ask(Command.SWAPDB, 0, 1);
      await().atMost(PATIENCE).until(() -> listener.resets() == 1);

      redis.ask(Command.MULTI);
      redis.ask(Command.SWAPDB, 0, 1);
      redis.ask(Command.EXEC);
      await().atMost(PATIENCE).until(() -> listener.resets() == 2);

      redis.ask(Command.EVAL, "redis.call('SWAPDB', 0, 1)", 0);
      await().atMost(PATIENCE).until(() -> listener.resets() == 3);
    }
  }

  @Test
  void aSwapBeforeTheStartIsNone() {
    redis.ask(Command.SWAPDB, 0, 1);
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.watch(Bytes.EMPTY, listener);

      await().pollDelay(SEVERAL_HEARTBEATS).until(() -> true);

      assertThat(listener.calls()).isZero();
    }
  }

  @Test
  void statisticsThatStartAnewAreAResetToo() {
    redis.ask(Command.SWAPDB, 0, 1);
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.watch(Bytes.EMPTY, listener);

      redis.ask(Command.CONFIG, "RESETSTAT");

      await().atMost(PATIENCE).until(() -> listener.resets() == 1);
    }
  }

  @Test
  void afterTheServerStartedAgainItsSwapsAreCountedAnew() {
    redis.ask(Command.SWAPDB, 0, 1);
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.watch(Bytes.EMPTY, listener);
      server.kill();
      await().atMost(PATIENCE).until(() -> listener.resets() == 1);
      server.restart();
      await().atMost(PATIENCE).until(() -> listener.resets() == 2);
      await().pollDelay(SEVERAL_HEARTBEATS).until(() -> true);
      assertThat(listener.resets()).isEqualTo(2);

      try (RawRedis again = RawRedis.of(server)) {
        // The same number as before the restart.
        again.ask(Command.SWAPDB, 0, 1);
      }

      await().atMost(PATIENCE).until(() -> listener.resets() == 3);
    }
  }

  @Test
  void theAnswersOfAServerThatSwapsNothingAreNoResets() {
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.watch(Bytes.EMPTY, listener);
      for (int i = 0; i < 20; i++) {
        redis.ask(Command.SET, "key" + i, "x");
        await().pollDelay(Duration.ofMillis(100)).until(() -> true);
      }

      await().atMost(PATIENCE).until(() -> listener.hasHeardOf("key19"));
      assertThat(listener.resets()).isZero();
      assertThat(warnings()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"not permitted", "renamed", "forbidden later"})
  void whereNobodyMayAskTheLogSaysSoOnceAndTheFeedGoesOn(String how) {
    String user = "";
    if (how.equals("renamed")) {
      redis.close();
      server.close();
      server = RedisServer.start("--rename-command", "INFO", "");
      redis = RawRedis.of(server);
    } else {
      user = "plain:pw@";
      redis.ask(Command.ACL, "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all");
    }
    if (how.equals("not permitted")) {
      forbid();
    }
    try (RedisBackend backend =
        RedisBackend.connect(
            RedisOptions.of("redis://" + user + "127.0.0.1:" + server.port())
                .withTimeLimit(Duration.ofSeconds(1)))) {
      backend.watch(Bytes.EMPTY, listener);
      if (how.equals("forbidden later")) {
        assertThat(warnings()).isEmpty();
        forbid();
      }

      await().atMost(PATIENCE).until(() -> warnings().size() == 1);
      assertThat(warnings().get(0))
          .contains("127.0.0.1:" + server.port(), "SWAPDB", "INFO", "+info");

      redis.ask(Command.SWAPDB, 2, 3);
      // Longer than the feed would wait for a server that does not answer its heartbeats.
      await().pollDelay(Duration.ofMillis(1500)).until(() -> true);
      redis.ask(Command.SET, "after", "x");
      await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));
      assertThat(listener.resets()).isZero();
      redis.ask(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
      await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                // Until the feed is back, nobody reports it.
                redis.ask(Command.SET, "back", "x");
                return listener.hasHeardOf("back");
              });
      assertThat(warnings()).hasSize(1);
    }
  }

  private void forbid() {
    redis.ask(Command.ACL, "SETUSER", "plain", "-info");
  }

  private List<String> warnings() {
    return List.copyOf(logged.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(Objects::nonNull)
        .filter(message -> message.contains("will not be noticed"))
        .toList();
  }
}
