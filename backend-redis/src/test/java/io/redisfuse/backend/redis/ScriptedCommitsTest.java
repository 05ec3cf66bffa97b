package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.ServerListener;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** Commits that a script applies, as it does when others never leave a key alone. */
@Timeout(60)
@Tag("server")
final class ScriptedCommitsTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Bytes OTHER = Bytes.utf8("other");
  private static final Bytes HASH = Bytes.utf8("hash");
  private static final Cell CELL = Cell.string(KEY);
  private static final Cell FIELD = Cell.field(HASH, Bytes.utf8("f"));

  private static RedisServer server;
  private static RawRedis redis;

  private ScheduledExecutorService clock;
  private Connections connections;
  private Commits commits;

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
  void connect() {
    redis.ask(Command.CONFIG, "SET", "maxmemory", 0);
    redis.ask(Command.FLUSHALL);
    redis.ask(Command.SCRIPT, "FLUSH");
    clock = Executors.newSingleThreadScheduledExecutor();
    connections = new Connections(server.options(), clock);
    Calls calls =
        new Calls(
            connections,
            Duration.ofSeconds(10),
            Calls.breaker(Duration.ofSeconds(1), ServerListener.NOBODY),
            ServerListener.NOBODY);
    commits =
        new Commits(
            connections,
            calls,
            new Scripts(),
            new LargeCells(calls),
            new TtlKeeping(connections),
            new Marks(),
            /* slot= */ Optional.empty(),
            /* watchedRounds= */ 0);
  }

  @AfterEach
  void disconnect() {
    connections.close();
    clock.shutdownNow();
  }

  @Test
  void everyChangeIsApplied() {
    redis.ask(Command.SET, KEY, "old", "EX", 1000);
    redis.ask(Command.HSET, HASH, "f", "field", "g", "more");
    redis.ask(Command.RPUSH, "list", "a");

    commits.commit(
        Transaction.builder()
            .expect(CELL, Version.of(Bytes.utf8("old")))
            .expect(FIELD, Version.of(Bytes.utf8("field")))
            .expect(Cell.string(OTHER), Version.ABSENT)
            .put(CELL, Bytes.utf8("new"))
            .change(new Change.Append(CELL, Bytes.utf8("er")))
            .change(new Change.Patch(CELL, 0, Bytes.utf8("N")))
            .change(new Change.Patch(FIELD, 5, Bytes.utf8("!")))
            .change(new Change.Move(FIELD, Cell.string(OTHER)))
            .change(new Change.MoveKey(Bytes.utf8("list"), Bytes.utf8("moved")))
            .change(new Change.Expire(OTHER, Optional.of(Duration.ofSeconds(1000))))
            .build());

    assertThat(redis.get("key")).isEqualTo("Newer");
    assertThat(redis.text(Command.TTL, KEY)).isNotEqualTo("-1");
    assertThat(redis.get("other")).isEqualTo("field!");
    assertThat(redis.text(Command.TTL, OTHER)).isNotEqualTo("-1");
    assertThat(redis.text(Command.HGETALL, HASH)).isEqualTo("g more");
    assertThat(redis.text(Command.LRANGE, "moved", 0, -1)).isEqualTo("a");
  }

  @Test
  void anotherVersionIsAConflictAndNothingIsApplied() {
    redis.ask(Command.SET, KEY, "theirs");

    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(
            () ->
                commits.commit(
                    Transaction.builder()
                        .expect(CELL, Version.of(Bytes.utf8("mine")))
                        .put(FIELD, Bytes.EMPTY)
                        .put(CELL, Bytes.EMPTY)
                        .build()))
        .satisfies(e -> assertThat(e.found()).isEqualTo(Version.of(Bytes.utf8("theirs"))));

    assertThat(redis.text(Command.DBSIZE)).isEqualTo("1");
  }

  @Test
  void anotherTypeIsNotOverwritten() {
    redis.ask(Command.RPUSH, KEY, "a");

    assertThatExceptionOfType(WrongTypeException.class)
        .isThrownBy(
            () ->
                commits.commit(
                    Transaction.of(
                        new Change.Put(FIELD, Bytes.EMPTY), new Change.Put(CELL, Bytes.EMPTY))))
        .satisfies(e -> assertThat(e.found()).isEqualTo(Type.LIST));

    assertThat(redis.text(Command.DBSIZE)).isEqualTo("1");
  }

  @Test
  void aFullServerRefusesAll() {
    redis.ask(Command.SET, KEY, "old");
    redis.ask(Command.CONFIG, "SET", "maxmemory", 1);

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () ->
                commits.commit(
                    Transaction.of(
                        new Change.Delete(CELL), new Change.Put(FIELD, Bytes.utf8("x")))))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.NO_SPACE));

    assertThat(redis.get("key")).isEqualTo("old");
  }

  @Test
  void manyChangesAreOneScript() {
    Transaction.Builder many = Transaction.builder();
    for (int i = 0; i < 5000; i++) {
      many.put(Cell.string(Bytes.utf8("k" + i)), Bytes.utf8("v" + i));
    }

    commits.commit(many.build());

    assertThat(redis.text(Command.KEYS, "k*").split(" ")).hasSize(5000);
    assertThat(redis.text(Command.KEYS, ".redisfuse:commit:*").split(" ")).hasSize(1);
    assertThat(redis.get("k4999")).isEqualTo("v4999");
  }
}
