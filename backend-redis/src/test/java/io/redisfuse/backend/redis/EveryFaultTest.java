package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.redis.FaultProxy.Fault;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Protocol.Command;

/**
 * Whatever goes wrong with whichever command of a save or a rename: the outcome that is told is the
 * one that happened.
 */
@Timeout(300)
@Tag("server")
@Rounds
final class EveryFaultTest {

  private static final Cell KEY = Cell.string(Bytes.utf8("key"));
  private static final Cell OTHER = Cell.string(Bytes.utf8("other"));
  private static final Cell FIELD = Cell.field(Bytes.utf8("hash"), Bytes.utf8("f"));
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEW = Bytes.utf8("new");

  /** No change of these takes so many commands, with those of a new connection. */
  private static final int MOST_COMMANDS = 40;

  private static final int MOST_TRIES = 20;
  private static final Duration LONG = Duration.ofSeconds(1);

  /** Of what is waited for in vain. */
  private static final Duration SHORT = Duration.ofMillis(300);

  private static RedisServer server;
  private static RawRedis redis;

  private FaultProxy proxy;
  private RedisBackend backend;
  private String test;
  private Duration longest = Duration.ZERO;
  private final Map<String, Integer> outcomes = new HashMap<>();

  /** What is done, and what there is then. */
  private enum Deed {
    SAVE(expecting(KEY, OLD).put(KEY, NEW), Map.of("key", "new", "hash f", "field")),
    SAVE_WHAT_NOBODY_HAS_READ(
        Transaction.builder().put(KEY, NEW), Map.of("key", "new", "hash f", "field")),
    SAVE_A_FIELD(
        expecting(FIELD, Bytes.utf8("field")).put(FIELD, NEW),
        Map.of("key", "old", "hash f", "new")),
    CREATE(
        expecting(OTHER, null).put(OTHER, NEW),
        Map.of("key", "old", "other", "new", "hash f", "field")),
    APPEND(
        Transaction.builder().change(new Change.Append(KEY, NEW)),
        Map.of("key", "oldnew", "hash f", "field")),
    APPEND_TO_WHAT_IS_KNOWN(
        expecting(KEY, OLD).change(new Change.Append(KEY, NEW)),
        Map.of("key", "oldnew", "hash f", "field")),
    RENAME(
        expecting(KEY, OLD).change(new Change.Move(KEY, OTHER)),
        Map.of("other", "old", "hash f", "field")),
    RENAME_TO_A_FIELD(
        expecting(KEY, OLD).change(new Change.Move(KEY, FIELD)), Map.of("hash f", "old")),
    REMOVE(expecting(KEY, OLD).change(new Change.Delete(KEY)), Map.of("hash f", "field"));

    private final Transaction transaction;
    private final Map<String, String> after;

    Deed(Transaction.Builder transaction, Map<String, String> after) {
      this.transaction = transaction.build();
      this.after = after;
    }

    private static Transaction.Builder expecting(Cell cell, Bytes content) {
      return Transaction.builder()
          .expect(cell, content == null ? Version.ABSENT : Version.of(content));
    }
  }

  private static final Map<String, String> BEFORE = Map.of("key", "old", "hash f", "field");

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
    redis = RawRedis.of(server);
  }

  @AfterAll
  static void stopServer() {
    redis.close();
    server.close();
  }

  @BeforeEach
  void take(TestInfo info) {
    test = Figures.nameOf(info);
  }

  private void connect(Duration limit) {
    proxy = new FaultProxy(server);
    backend =
        RedisBackend.connect(
            RedisOptions.of(proxy.uri()).withTimeLimit(limit).withConnections(2),
            Duration.ofMillis(1));
  }

  @AfterEach
  void close() {
    backend.close();
    proxy.close();
    new Figures(test, count("done"), count("nothing"), count("unknown"), longest, Duration.ZERO)
        .write();
  }

  private int count(String outcome) {
    return outcomes.getOrDefault(outcome, 0);
  }

  static Stream<Arguments> cases() {
    return Stream.of(Deed.values())
        .flatMap(deed -> Stream.of(Fault.values()).map(fault -> Arguments.of(deed, fault)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theOutcomeThatIsToldIsTheOneThatHappened(Deed deed, Fault fault) {
    Duration limit = fault == Fault.BLACK_HOLE ? SHORT : LONG;
    connect(limit);
    int number = 1;
    int tries = 0;
    for (; number <= MOST_COMMANDS; number++) {
      begin();
      proxy.arm(number, fault);
      long start = System.nanoTime();
      String outcome = outcome(deed);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      longest = took.compareTo(longest) > 0 ? took : longest;
      outcomes.merge(outcome, 1, Integer::sum);
      boolean hasEnded =
          proxy.hasHappened()
              ? !outcome.equals("unknown") || took.compareTo(limit) < 0
              : !outcome.equals("nothing");
      if (!hasEnded && tries++ < MOST_TRIES) {
        // The machine was too busy.
        number--;
        continue;
      }
      if (!proxy.hasHappened()) {
        // It takes fewer commands than that, so all of them have had their turn.
        assertThat(outcome).isEqualTo("done");
        assertThat(state()).isEqualTo(deed.after);
        break;
      }
      String what = deed + ", " + fault + " at command " + number;
      switch (outcome) {
        case "done" -> assertThat(state()).as(what).isEqualTo(deed.after);
        case "nothing" -> assertThat(state()).as(what).isEqualTo(BEFORE);
        default -> fail("it can be known: " + what);
      }
    }
    assertThat(number).as("how many commands it takes, and one").isBetween(4, MOST_COMMANDS);
  }

  private void begin() {
    redis.ask(Command.FLUSHALL);
    redis.ask(Command.SET, "key", "old");
    redis.ask(Command.HSET, "hash", "f", "field");
    // So that there is a connection, as there mostly is. A server that has not answered is left
    // alone for a moment.
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> backend.version(KEY).equals(Version.of(OLD)));
  }

  private String outcome(Deed deed) {
    try {
      backend.commit(deed.transaction);
      return "done";
    } catch (BackendUnavailableException e) {
      return "nothing";
    } catch (OutcomeUnknownException e) {
      return "unknown";
    } catch (RuntimeException e) {
      return fail("nobody else did anything: " + deed, e);
    }
  }

  private static Map<String, String> state() {
    Map<String, String> state = new HashMap<>();
    for (String key : new String[] {"key", "other"}) {
      if (redis.text(Command.EXISTS, key).equals("1")) {
        state.put(key, redis.get(key));
      }
    }
    if (redis.text(Command.HEXISTS, "hash", "f").equals("1")) {
      state.put("hash f", redis.text(Command.HGET, "hash", "f"));
    }
    return state;
  }
}
