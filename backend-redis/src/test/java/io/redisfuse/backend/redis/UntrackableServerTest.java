package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.RefusedException.Reason;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;

/** Servers that report no changes: all else of them is of use. */
@Timeout(120)
@Tag("server")
final class UntrackableServerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SAYS_WHAT_THEN = "by looking through all keys from time to time.";

  private final RecordingListener listener = new RecordingListener();

  @ParameterizedTest
  @ValueSource(strings = {"HELLO", "CLIENT"})
  void aServerThatDoesNotKnowTheCommandSaysSoAndServesAllTheSame(String unknown) {
    try (RedisServer server =
            RedisServer.start("--rename-command", unknown, "", "--requirepass", "s3cret");
        RedisBackend backend =
            RedisBackend.connect(server.options().withPassword("s3cret"::toCharArray))) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> backend.watch(Bytes.EMPTY, listener))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
          .satisfies(e -> assertThat(trace(e)).doesNotContain("s3cret"))
          .withMessageStartingWith("Redis at 127.0.0.1:" + server.port() + " does not know")
          .withMessageContaining("6.0")
          .withMessageContaining("it is 7.")
          .withMessageEndingWith(SAYS_WHAT_THEN);

      serves(backend);
    }
  }

  @Test
  void aPasswordThatIsWrongIsOneAlsoWithoutHello() {
    try (RedisServer server =
        RedisServer.start("--rename-command", "HELLO", "", "--requirepass", "s3cret")) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () -> RedisBackend.connect(server.options().withPassword("wr0ng"::toCharArray)))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_PERMITTED))
          .satisfies(e -> assertThat(trace(e)).doesNotContain("wr0ng"))
          .withMessageContaining("does not accept this user and password");
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> RedisBackend.connect(server.options()))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_PERMITTED))
          .withMessageContaining("wants a password");
    }
  }

  @Test
  void aUserWhoMayNotTrackIsToldWhatToAskForAndIsServedAllTheSame() {
    try (RedisServer server = RedisServer.start();
        RawRedis redis = RawRedis.of(server)) {
      redis.ask(
          Command.ACL, "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-client|tracking");
      try (RedisBackend backend =
          RedisBackend.connect(RedisOptions.of("redis://plain:pw@127.0.0.1:" + server.port()))) {
        assertThatExceptionOfType(RefusedException.class)
            .isThrownBy(() -> backend.watch(Bytes.EMPTY, listener))
            .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_PERMITTED))
            .withMessageContaining("does not permit this user to run CLIENT TRACKING")
            .withMessageContaining("+client|tracking")
            .withMessageEndingWith(SAYS_WHAT_THEN);

        serves(backend);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `me`, `s3cret`, \r\n",
        "-NOPROTO unsupported protocol version\r\n",
        // A proxy that knows HELLO, but not what comes then.
        "%1\r\n$5\r\nproto\r\n:3\r\n"
      })
  void anOldServerIsNamedByItsVersion(String hello) {
    try (FakeRedis server = new FakeRedis(words -> old(hello, words));
        RedisBackend backend =
            RedisBackend.connect(RedisOptions.of(server.uri().replace("//", "//me:s3cret@")))) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> backend.watch(Bytes.EMPTY, listener))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
          .satisfies(e -> assertThat(trace(e)).doesNotContain("s3cret"))
          .withMessageContaining(" is of version 5.0.14, and only 6.0 or later reports changes.")
          .withMessageEndingWith(SAYS_WHAT_THEN);
    }
  }

  @Test
  void anOldServerIsNotWrittenTo() {
    List<String> said = new CopyOnWriteArrayList<>();
    try (FakeRedis server =
            new FakeRedis(
                words -> {
                  said.add(String.join(" ", words));
                  return words.contains("KEEPTTL")
                      ? "-ERR syntax error\r\n"
                      : old("-ERR unknown command `HELLO`\r\n", words);
                });
        RedisBackend backend = RedisBackend.connect(RedisOptions.of(server.uri()))) {
      Cell cell = Cell.string(Bytes.utf8("key"));
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () -> backend.commit(Transaction.of(new Change.Put(cell, Bytes.utf8("text")))))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
          .withMessageContaining("is older than 6.0")
          .withMessageContaining("can be read but not changed");
      assertThat(said).noneMatch(words -> words.startsWith("MULTI") || words.contains("text"));
    }
  }

  private static String old(String hello, List<String> words) {
    String info = "# Server\r\nredis_version:5.0.14\r\nredis_mode:standalone\r\n";
    return switch (words.get(0)) {
      case "HELLO" -> hello;
      case "AUTH" -> "+OK\r\n";
      case "PING" -> "+PONG\r\n";
      case "INFO" -> "$" + info.length() + "\r\n" + info + "\r\n";
      default -> "-ERR Unknown subcommand or wrong number of arguments for 'x'. Try HELP.\r\n";
    };
  }

  @Test
  void whatPassesIsWaitedFor() {
    AtomicInteger loading = new AtomicInteger(3);
    try (FakeRedis server =
            new FakeRedis(
                words ->
                    words.contains("TRACKING") && loading.getAndDecrement() > 0
                        ? "-LOADING Redis is loading the dataset in memory\r\n"
                        : willing(words));
        RedisBackend backend = RedisBackend.connect(RedisOptions.of(server.uri()))) {
      backend.watch(Bytes.EMPTY, listener);

      assertThat(loading).hasValueLessThanOrEqualTo(0);
    }
  }

  @Test
  void aServerThatIsLoadingForLongIsUnavailableAndNotUntrackable() {
    try (FakeRedis server =
            new FakeRedis(
                words ->
                    words.contains("TRACKING")
                        ? "-LOADING Redis is loading the dataset in memory\r\n"
                        : willing(words));
        RedisBackend backend =
            RedisBackend.connect(
                RedisOptions.of(server.uri()).withTimeLimit(Duration.ofMillis(500)))) {
      assertThatExceptionOfType(BackendUnavailableException.class)
          .isThrownBy(() -> backend.watch(Bytes.EMPTY, listener));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR unknown command 'CLIENT'\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n"
      })
  void aServerThatTracksNoMoreIsAskedAgainUntilItDoes(String refusal) {
    AtomicBoolean refuses = new AtomicBoolean();
    AtomicBoolean falls = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger accepted = new AtomicInteger();
    try (FakeRedis server =
            new FakeRedis(
                words -> {
                  if (words.contains("TRACKING")) {
                    (refuses.get() ? refused : accepted).incrementAndGet();
                    return refuses.get() ? refusal : willing(words);
                  }
                  if (words.contains("commandstats") && falls.getAndSet(false)) {
                    refuses.set(true);
                    return "-LOADING Redis is loading the dataset in memory\r\n";
                  }
                  return willing(words);
                });
        RedisBackend backend =
            RedisBackend.connect(
                RedisOptions.of(server.uri()).withTimeLimit(Duration.ofMillis(300)))) {
      backend.watch(Bytes.EMPTY, listener);
      falls.set(true);
      await().atMost(PATIENCE).until(() -> listener.resets() >= 1);
      await().atMost(PATIENCE).until(() -> refused.get() >= 3);

      // Nothing is heard, so it must be told again and again that anything may have changed.
      int before = listener.resets();
      await().atMost(PATIENCE).until(() -> listener.resets() >= before + 2);

      refuses.set(false);
      await().atMost(PATIENCE).until(() -> accepted.get() == 2);
      int then = listener.resets();
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      // One that came with the new connection, perhaps, and none while that lasts.
      assertThat(listener.resets()).isLessThanOrEqualTo(then + 1);
      assertThat(accepted).hasValue(2);
    }
  }

  private static String willing(List<String> words) {
    return switch (words.get(0)) {
      case "HELLO" -> "%1\r\n$5\r\nproto\r\n:" + words.get(1) + "\r\n";
      case "INFO" -> "=20\r\ntxt:# Commandstats\r\n\r\n";
      case "PING" -> "+PONG\r\n";
      default -> "+OK\r\n";
    };
  }

  private static void serves(RedisBackend backend) {
    Cell string = Cell.string(Bytes.utf8("string"));
    Cell field = Cell.field(Bytes.utf8("hash"), Bytes.utf8("field"));
    Bytes large = Bytes.wrap(new byte[300_000]);
    Bytes small = Bytes.utf8("small");

    backend.commit(Transaction.of(new Change.Put(string, large), new Change.Put(field, small)));
    backend.commit(
        Transaction.builder()
            .expect(string, Version.of(large))
            .expect(field, Version.of(small))
            .put(string, small)
            .build());

    assertThat(backend.read(string)).contains(Snapshot.of(small));
    assertThat(backend.read(field)).contains(Snapshot.of(small));
    assertThat(backend.describe(List.of(string, field))).hasSize(2);
    assertThat(backend.fields(List.of(Bytes.utf8("hash")))).hasSize(1);
    List<Bytes> keys = new ArrayList<>();
    backend.scan(Bytes.EMPTY, (key, type) -> keys.add(key));
    assertThat(keys).contains(Bytes.utf8("string"), Bytes.utf8("hash"));
  }

  private static String trace(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }
}
