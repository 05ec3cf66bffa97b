package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;

/** By what a key may change, and that it is heard of. What redisfuse itself does is elsewhere. */
@Timeout(120)
@Tag("server")
final class FeedEventsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static RedisServer server;
  private static RawRedis redis;
  private static RedisBackend backend;
  private final RecordingListener listener = new RecordingListener();

  @BeforeAll
  static void startServer() {
    server = RedisServer.start("--enable-debug-command", "yes");
    redis = RawRedis.of(server);
    backend = RedisBackend.connect(server.options());
  }

  @AfterAll
  static void stopServer() {
    backend.close();
    redis.close();
    server.close();
  }

  @BeforeEach
  void clean() {
    redis.ask(Command.FLUSHALL);
  }

  @AfterEach
  void undo() {
    redis.ask(Command.CONFIG, "SET", "maxmemory", "0");
    say("DEBUG SET-ACTIVE-EXPIRE 1");
  }

  /** A command, and the keys that it changes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET string y > string",
        "SETRANGE string 5 y > string",
        "APPEND string y > string",
        "INCR number > number",
        "GETDEL string > string",
        "GETEX string PERSIST > nothing",
        "GETEX string EX 100 > string",
        "GETSET string y > string",
        "MSET string y new z > string new",
        "SETEX string 100 y > string",
        "DEL string list > string list",
        "UNLINK string set > string set",
        "EXPIRE string 100 > string",
        "EXPIRE string -1 > string",
        "RENAME string list > string list",
        "RENAMENX string new > string new",
        "COPY string new > new",
        "COPY hash string REPLACE > string",
        "MOVE string 1 > string",
        "SORT list ALPHA STORE new > new",
        "RPUSH list y > list",
        "RPOPLPUSH list new > list new",
        "SADD set y > set",
        "SMOVE set other x > set other",
        "ZADD zset 2 y > zset",
        "XADD stream * f v > stream",
        "XDEL stream 1-1 > stream",
        "HSET hash f y > hash",
        "HDEL hash f > hash",
        "HINCRBY hash n 1 > hash",
        "PFADD string2 x > string2",
        "SETBIT string 0 1 > string",
        "BITOP NOT new string > new",
        "GEOADD geo 1 1 x > geo",
      })
  void whatTheCommandChangesIsHeardOf(String line) {
    say("MSET string x number 1");
    say("RPUSH list x x2");
    say("SADD set x");
    say("ZADD zset 1 x");
    say("XADD stream 1-1 f v");
    say("HSET hash f x");
    String[] parts = line.split(" > ");
    backend.watch(Bytes.EMPTY, listener);

    say(parts[0]);
    say("SET nothing x");

    await()
        .atMost(PATIENCE)
        .until(() -> Arrays.stream(parts[1].split(" ")).allMatch(listener::hasHeardOf));
    assertThat(listener.resets()).isZero();
  }

  @Test
  void aRestoredKeyIsHeardOf() {
    redis.ask(Command.SET, "from", "x");
    Object dump = redis.ask(Command.DUMP, "from");
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.RESTORE, "to", 0, dump);

    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("to"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLUSHALL", "FLUSHDB", "FLUSHALL ASYNC", "FLUSHDB ASYNC"})
  void flushingIsAResetHoweverItIsSaid(String flush) {
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.SET, "key", "x");
    say(flush);
    await().atMost(PATIENCE).until(() -> listener.resets() == 1);

    redis.ask(Command.MULTI);
    redis.ask(Command.SET, "key", "x");
    say(flush);
    redis.ask(Command.SET, "after", "x");
    redis.ask(Command.EXEC);
    await().atMost(PATIENCE).until(() -> listener.resets() == 2);
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("after"));

    redis.ask(Command.EVAL, "redis.call('" + flush.replace(" ", "', '") + "')", 0);
    await().atMost(PATIENCE).until(() -> listener.resets() == 3);
  }

  @Test
  void flushingIsAResetAlsoToAFeedOfAPrefix() {
    backend.watch(Bytes.utf8("prefix:"), listener);

    redis.ask(Command.FLUSHDB);

    await().atMost(PATIENCE).until(() -> listener.resets() == 1);
  }

  @Test
  void aKeyThatTheServerFindsExpiredIsHeardOf() {
    backend.watch(Bytes.EMPTY, listener);
    redis.ask(Command.SET, "key", "x", "PX", 1000);
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("key"));
    int before = listener.calls();

    // Nobody asks for it.
    await().atMost(PATIENCE).until(() -> listener.calls() > before);
  }

  @Test
  void aKeyThatSomebodyFindsExpiredIsHeardOf() {
    say("DEBUG SET-ACTIVE-EXPIRE 0");
    backend.watch(Bytes.EMPTY, listener);
    redis.ask(Command.SET, "key", "x", "PX", 200);
    await().atMost(PATIENCE).until(() -> listener.hasHeardOf("key"));
    await().pollDelay(Duration.ofMillis(500)).until(() -> true);
    assertThat(listener.calls()).isEqualTo(1);

    redis.ask(Command.GET, "key");

    await().atMost(PATIENCE).until(() -> listener.calls() == 2);
  }

  @Test
  void aKeyThatTheServerDropsForWantOfMemoryIsHeardOf() {
    for (int i = 0; i < 200; i++) {
      redis.ask(Command.SET, "key:" + i, "x".repeat(10_000));
    }
    backend.watch(Bytes.EMPTY, listener);
    redis.ask(Command.CONFIG, "SET", "maxmemory-policy", "allkeys-random");
    String used =
        redis
            .text(Command.INFO, "memory")
            .lines()
            .filter(line -> line.startsWith("used_memory:"))
            .findFirst()
            .orElseThrow()
            .substring("used_memory:".length());

    redis.ask(Command.CONFIG, "SET", "maxmemory", Long.parseLong(used) - 1_000_000);

    await().atMost(PATIENCE).until(() -> !dropped().isEmpty());
    redis.ask(Command.CONFIG, "SET", "maxmemory", "0");
    List<String> dropped = dropped();
    await().atMost(PATIENCE).until(() -> dropped.stream().allMatch(listener::hasHeardOf));
    assertThat(dropped).hasSizeLessThan(200);
  }

  private static List<String> dropped() {
    return IntStream.range(0, 200)
        .mapToObj(i -> "key:" + i)
        .filter(key -> redis.text(Command.EXISTS, key).equals("0"))
        .toList();
  }

  @Test
  void eachKeyOfAVeryLargeTransactionIsHeardOf() {
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.MULTI);
    for (int i = 0; i < 60_000; i++) {
      redis.ask(Command.SET, "key:" + i, "x");
    }
    redis.ask(Command.EXEC);

    await()
        .atMost(PATIENCE)
        .until(() -> IntStream.range(0, 60_000).allMatch(i -> listener.hasHeardOf("key:" + i)));
    assertThat(listener.resets()).isZero();
  }

  @Test
  void longAndBinaryKeysAreHeardOfAsTheyAre() {
    byte[] bytes = new byte[3_000_000];
    IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) (i * 31 + i / 256));
    Bytes key = Bytes.wrap(bytes);
    Bytes like = Bytes.utf8("\r\n>2\r\n$10\r\ninvalidate\r\n*0\r\n");
    backend.watch(Bytes.EMPTY, listener);

    redis.ask(Command.MSET, key, "x", like, "x", Bytes.EMPTY, "x");

    await().atMost(PATIENCE).until(() -> listener.calls() == 3);
    assertThat(listener.changed()).containsExactlyInAnyOrder(key, like, Bytes.EMPTY);
  }

  @Test
  void whatHappensInAnotherDatabaseIsNoHarm() {
    try (RawRedis other = RawRedis.of(server)) {
      other.ask(Command.SELECT, 5);
      backend.watch(Bytes.EMPTY, listener);

      other.ask(Command.SET, "key", "x");
      redis.ask(Command.SET, "own", "x");

      await().atMost(PATIENCE).until(() -> listener.hasHeardOf("own"));
      // That it names no database is why the key is heard of.
      assertThat(listener.hasHeardOf("key")).isTrue();
      other.ask(Command.FLUSHDB);
      await().atMost(PATIENCE).until(() -> listener.resets() == 1);
    }
  }

  private static void say(String line) {
    String[] words = line.split(" ");
    ProtocolCommand command = () -> words[0].getBytes(UTF_8);
    redis.ask(command, Arrays.copyOfRange(words, 1, words.length, Object[].class));
  }
}
