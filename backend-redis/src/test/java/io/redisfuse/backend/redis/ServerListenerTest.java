package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.ServerListener;
import io.redisfuse.api.ServerListener.Circuit;
import io.redisfuse.api.ServerListener.Resolution;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.redis.CuttingProxy.Moment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** Who listens hears how the server answers, and what became of what was not answered. */
@Timeout(120)
@Tag("server")
final class ServerListenerTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofMillis(700);
  private static final Cell KEY = Cell.string(Bytes.utf8("key"));
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEW = Bytes.utf8("new");

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<Duration> lags = new CopyOnWriteArrayList<>();
  private RedisServer server;
  private CuttingProxy proxy;
  private RedisBackend backend;

  /** Whether a call has failed since the last one that succeeded. */
  private final AtomicBoolean silent = new AtomicBoolean();

  /** Notes all, but of answers only the first after a failure. */
  private final ServerListener listener =
      new ServerListener() {
        @Override
        public void answered() {
          if (silent.getAndSet(false)) {
            heard.add("answered");
          }
        }

        @Override
        public void failed(String reason) {
          silent.set(true);
          heard.add("failed: " + reason);
        }

        @Override
        public void reconnected() {
          heard.add("reconnected");
        }

        @Override
        public void circuit(Circuit state) {
          heard.add(state.toString());
        }

        @Override
        public void resolved(Resolution how) {
          heard.add(how.toString());
        }

        @Override
        public void told(Duration lag) {
          lags.add(lag);
        }
      };

  @BeforeEach
  void connect() {
    server = RedisServer.start();
    proxy = new CuttingProxy(server);
    connect(proxy.uri());
    set("old");
  }

  private void connect(String uri) {
    backend =
        RedisBackend.connect(
            RedisOptions.of(uri).withTimeLimit(LIMIT).withConnections(2).withListener(listener),
            Duration.ofMillis(1));
  }

  /** Without the proxy, which does not outlive its server. */
  private void connectDirectly() {
    backend.close();
    connect(server.uri());
    heard.clear();
  }

  @AfterEach
  void close() {
    backend.close();
    proxy.close();
    server.close();
  }

  private void set(String value) {
    try (RawRedis redis = RawRedis.of(server)) {
      redis.ask(Command.SET, "key", value);
    }
  }

  private void commit() {
    backend.commit(Transaction.builder().expect(KEY, Version.of(OLD)).put(KEY, NEW).build());
  }

  @Test
  void nothingIsHeardWhileAllIsWell() {
    commit();
    assertThatExceptionOfType(ConflictException.class).isThrownBy(this::commit);

    assertThat(heard).isEmpty();
  }

  @Test
  void aCommitThatHadBeenAppliedIsSaidToBeSo() {
    proxy.cutAt(Moment.AFTER_EXEC, () -> {});
    commit();

    assertThat(heard).contains("APPLIED", "reconnected").doesNotContain("NOT_APPLIED");
  }

  @Test
  void aCommitThatHadNotIsSaidToBeSo() {
    proxy.cutAt(Moment.BEFORE_EXEC, () -> {});
    commit();

    assertThat(heard).contains("NOT_APPLIED", "reconnected").doesNotContain("APPLIED");
  }

  /** The user may not leave marks, so only what the key holds can tell. */
  private void allowNoMarks() {
    try (RawRedis redis = RawRedis.of(server)) {
      redis.ask(Command.ACL, "SETUSER", "default", "resetkeys", "~key");
    }
  }

  @Test
  void whatOthersHaveChangedMeanwhileIsSaidToBeSo() {
    allowNoMarks();
    proxy.cutAt(Moment.BEFORE_EXEC, () -> set("third"));
    assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(this::commit);

    assertThat(heard).contains("CHANGED_BY_OTHERS");
  }

  @Test
  void whatNobodyCanTellIsSaidToBeSo() {
    allowNoMarks();
    proxy.cutAt(Moment.AFTER_EXEC, () -> {});
    assertThatExceptionOfType(OutcomeUnknownException.class)
        .isThrownBy(() -> backend.commit(Transaction.of(new Change.Append(KEY, NEW))));

    assertThat(heard).contains("NEVER_KNOWN");
  }

  @Test
  void whatOthersHaveWrittenTooIsNeverKnownWithoutTheMark() {
    proxy.cutAt(Moment.BEFORE_EXEC, () -> set("new"));
    assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(this::commit);

    assertThat(heard).contains("NEVER_KNOWN").doesNotContain("CHANGED_BY_OTHERS");
  }

  @Test
  void aServerThatIsGoneIsHeardOfAndThatItIsBack() {
    connectDirectly();
    server.kill();
    assertThatExceptionOfType(BackendUnavailableException.class).isThrownBy(this::commit);
    assertThat(heard).first().asString().startsWith("failed: ").doesNotContain("redis:", "\n");
    assertThat(heard).contains("OPEN").doesNotContain("answered", "reconnected", "CLOSED");

    server.restart();
    set("old");
    await().atMost(LONG).ignoreExceptions().until(() -> backend.version(KEY) != null);
    assertThat(heard).containsSubsequence("OPEN", "HALF_OPEN", "reconnected", "CLOSED");
    assertThat(heard).contains("answered");
  }

  @Test
  void theFeedTellsHowLateItIsAndWhenItIsBack() {
    connectDirectly();
    RecordingListener changes = new RecordingListener();
    backend.watch(Bytes.EMPTY, changes);
    set("third");
    await().atMost(LONG).until(() -> changes.hasHeardOf("key") && !lags.isEmpty());
    assertThat(lags).allSatisfy(lag -> assertThat(lag).isBetween(Duration.ZERO, LONG));
    assertThat(heard).isEmpty();

    server.kill();
    await().atMost(LONG).until(() -> heard.stream().anyMatch(line -> line.startsWith("failed")));
    server.restart();
    await().atMost(LONG).until(() -> heard.contains("reconnected"));
    await().atMost(LONG).until(() -> heard.contains("answered"));
  }
}
