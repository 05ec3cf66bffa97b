package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.redis.CuttingProxy.Moment;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Protocol.Command;

/** What becomes of a commit whose connection is lost around the EXEC. */
@Timeout(60)
@Tag("server")
final class LostConnectionTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Bytes OTHER = Bytes.utf8("other");
  private static final Cell CELL = Cell.string(KEY);
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEW = Bytes.utf8("new");

  private static RedisServer server;
  private static RawRedis redis;

  private CuttingProxy proxy;
  private RedisBackend backend;

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
    redis.ask(Command.FLUSHALL);
    redis.ask(Command.SET, KEY, OLD);
    proxy = new CuttingProxy(server);
    backend =
        RedisBackend.connect(
            RedisOptions.of(proxy.uri()).withTimeLimit(Duration.ofSeconds(5)).withConnections(2));
  }

  @AfterEach
  void close() {
    backend.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource
  void anExpectedPutIsAppliedOnce(Moment moment) {
    proxy.cutAt(moment, () -> {});

    backend.commit(expecting(OLD).put(CELL, NEW).build());

    assertThat(redis.get("key")).isEqualTo("new");
  }

  @ParameterizedTest
  @EnumSource
  void anExpectedAppendIsAppliedOnce(Moment moment) {
    proxy.cutAt(moment, () -> {});

    backend.commit(expecting(OLD).change(new Change.Append(CELL, NEW)).build());

    assertThat(redis.get("key")).isEqualTo("oldnew");
  }

  @ParameterizedTest
  @EnumSource
  void anExpectedDeleteIsAppliedOnce(Moment moment) {
    proxy.cutAt(moment, () -> {});

    backend.commit(expecting(OLD).change(new Change.Delete(CELL)).build());

    assertThat(redis.text(Command.EXISTS, KEY)).isEqualTo("0");
  }

  @ParameterizedTest
  @EnumSource
  void aMoveIsAppliedOnce(Moment moment) {
    proxy.cutAt(moment, () -> {});

    backend.commit(expecting(OLD).change(new Change.Move(CELL, Cell.string(OTHER))).build());

    assertThat(redis.text(Command.EXISTS, KEY)).isEqualTo("0");
    assertThat(redis.get("other")).isEqualTo("old");
  }

  @ParameterizedTest
  @EnumSource
  void aCollectionIsMovedOnce(Moment moment) {
    redis.ask(Command.DEL, KEY);
    redis.ask(Command.RPUSH, KEY, "a", "b");
    proxy.cutAt(moment, () -> {});

    backend.commit(Transaction.of(new Change.MoveKey(KEY, OTHER)));

    assertThat(redis.text(Command.EXISTS, KEY)).isEqualTo("0");
    assertThat(redis.text(Command.LRANGE, OTHER, 0, -1)).isEqualTo("a b");
  }

  @ParameterizedTest
  @EnumSource
  void aFieldIsMovedToAStringOnce(Moment moment) {
    redis.ask(Command.HSET, "hash", "f", "content", "g", "more");
    proxy.cutAt(moment, () -> {});

    backend.commit(
        Transaction.of(
            new Change.Move(Cell.field(Bytes.utf8("hash"), Bytes.utf8("f")), Cell.string(OTHER))));

    assertThat(redis.text(Command.HKEYS, "hash")).isEqualTo("g");
    assertThat(redis.get("other")).isEqualTo("content");
  }

  @Test
  void whatOthersHaveOverwrittenIsDone() {
    proxy.cutAt(Moment.AFTER_EXEC, () -> write("third"));

    backend.commit(expecting(OLD).put(CELL, NEW).build());

    assertThat(redis.get("key")).isEqualTo("third");
  }

  @Test
  void whatOthersHavePreventedIsAConflict() {
    proxy.cutAt(Moment.BEFORE_EXEC, () -> write("third"));

    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(() -> backend.commit(expecting(OLD).put(CELL, NEW).build()));

    assertThat(redis.get("key")).isEqualTo("third");
  }

  @Test
  void whatOthersHaveWrittenTooIsDoneIfItWasWrittenFirst() {
    proxy.cutAt(Moment.AFTER_EXEC, () -> write("new"));

    backend.commit(expecting(OLD).put(CELL, NEW).build());

    assertThat(redis.get("key")).isEqualTo("new");
  }

  @Test
  void whatOnlyOthersHaveWrittenIsNotTakenForOnesOwn() {
    backend.commit(Transaction.of(new Change.Put(Cell.string(OTHER), NEW)));
    proxy.cutAt(Moment.BEFORE_EXEC, () -> write("new"));

    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(() -> backend.commit(expecting(OLD).put(CELL, NEW).build()));
  }

  @Test
  void whatOnlyOthersHaveWrittenMayBeOnesOwnIfTheMarkMayHaveGone() {
    proxy.cutAt(Moment.BEFORE_EXEC, () -> write("new"));

    assertThatExceptionOfType(OutcomeUnknownException.class)
        .isThrownBy(() -> backend.commit(expecting(OLD).put(CELL, NEW).build()))
        .withMessageContaining("key key");
  }

  @Test
  void withoutTheMarkADeedIsNotTakenForUndone() {
    proxy.cutAt(
        Moment.AFTER_EXEC,
        () -> {
          try (RawRedis other = RawRedis.of(server)) {
            other.ask(Command.DEL, marks(other).toArray());
          }
        });

    assertThatExceptionOfType(OutcomeUnknownException.class)
        .isThrownBy(() -> backend.commit(expecting(OLD).put(CELL, NEW).build()));

    assertThat(redis.get("key")).isEqualTo("new");
  }

  private static List<String> marks(RawRedis client) {
    String keys = client.text(Command.KEYS, ".redisfuse:commit:*");
    return keys.isEmpty() ? List.of() : List.of(keys.split(" "));
  }

  @Test
  void aMarkStaysForAWhileAndIsSeenByNobody() {
    List<Bytes> told = new CopyOnWriteArrayList<>();
    try (Subscription feed =
        backend.watch(
            Bytes.EMPTY,
            new ChangeListener() {
              @Override
              public void changed(Bytes key) {
                told.add(key);
              }

              @Override
              public void reset() {}
            })) {
      for (int i = 0; i < 100; i++) {
        backend.commit(Transaction.of(new Change.Put(CELL, Bytes.utf8("new " + i))));
      }
      backend.commit(Transaction.of(new Change.Put(Cell.string(OTHER), NEW)));

      assertThat(marks(redis)).hasSize(1);
      assertThat(Long.parseLong(redis.text(Command.PTTL, marks(redis).get(0))))
          .isBetween(1L, 60_000L);
      Set<Bytes> scanned = new HashSet<>();
      backend.scan(Bytes.EMPTY, (key, type) -> scanned.add(key));
      assertThat(scanned).containsExactlyInAnyOrder(KEY, OTHER);
      await().atMost(Duration.ofSeconds(20)).until(() -> told.contains(OTHER));
      assertThat(told).containsOnly(KEY, OTHER);
      assertThat(feed).isNotNull();
    }
  }

  /** Who may not write marks has to do with what the keys hold. */
  @Nested
  class WithoutMarks {

    private RedisBackend limited;

    @BeforeEach
    void connectAsUser() {
      redis.ask(
          Command.ACL,
          "SETUSER",
          "app",
          "reset",
          "on",
          ">secret",
          "+@all",
          "~key",
          "~other",
          "~hash",
          "resetchannels");
      String uri = proxy.uri().replace("redis://", "redis://app:secret@");
      limited =
          RedisBackend.connect(
              RedisOptions.of(uri).withTimeLimit(Duration.ofSeconds(5)).withConnections(2));
      limited.commit(Transaction.of(new Change.Put(CELL, OLD)));
      assertThat(marks(redis)).isEmpty();
    }

    @AfterEach
    void disconnect() {
      limited.close();
      redis.ask(Command.ACL, "DELUSER", "app");
    }

    @ParameterizedTest
    @EnumSource
    void anExpectedPutIsAppliedOnce(Moment moment) {
      proxy.cutAt(moment, () -> {});

      limited.commit(expecting(OLD).put(CELL, NEW).build());

      assertThat(redis.get("key")).isEqualTo("new");
    }

    @Test
    void aThirdStateSaysNothingOfWhatWasThereBeforeIt() {
      for (Moment moment : Moment.values()) {
        write("old");
        proxy.cutAt(moment, () -> write("third"));

        assertThatExceptionOfType(OutcomeUnknownException.class)
            .isThrownBy(() -> limited.commit(expecting(OLD).put(CELL, NEW).build()))
            .withMessageContaining("key key");

        assertThat(redis.get("key")).isEqualTo("third");
      }
    }

    @Test
    void whatLeftTracesAndWasThenChangedStaysUnknown() {
      proxy.cutAt(Moment.AFTER_EXEC, () -> write("third"));

      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(
              () ->
                  limited.commit(
                      expecting(OLD).put(CELL, NEW).put(Cell.string(OTHER), NEW).build()))
          .withMessageContaining("key key");
    }

    @ParameterizedTest
    @EnumSource
    void anAppendWithoutAnExpectationStaysUnknown(Moment moment) {
      proxy.cutAt(moment, () -> {});

      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(() -> limited.commit(Transaction.of(new Change.Append(CELL, NEW))))
          .withMessageContaining("key key");

      assertThat(redis.get("key")).isEqualTo(moment == Moment.AFTER_EXEC ? "oldnew" : "old");
    }

    @Test
    void whatTheUserMayNotDoIsRefusedForWhatItIs() {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () ->
                  limited.commit(
                      Transaction.of(new Change.Put(Cell.string(Bytes.utf8("forbidden")), NEW))))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.NOT_PERMITTED))
          .withMessageContaining("forbidden");
    }
  }

  @Test
  void aPutThatCanBeSeenIsDoneEvenIfNothingWasExpected() {
    proxy.cutAt(Moment.AFTER_EXEC, () -> {});

    backend.commit(Transaction.of(new Change.Put(Cell.string(OTHER), NEW)));

    assertThat(redis.get("other")).isEqualTo("new");
  }

  @Test
  void whatWasDoneAndThenChangedInPartIsDone() {
    proxy.cutAt(Moment.AFTER_EXEC, () -> write("third"));

    backend.commit(expecting(OLD).put(CELL, NEW).put(Cell.string(OTHER), NEW).build());

    assertThat(redis.get("key")).isEqualTo("third");
    assertThat(redis.get("other")).isEqualTo("new");
  }

  @ParameterizedTest
  @EnumSource
  void anAppendWithoutAnExpectationIsAppliedOnce(Moment moment) {
    proxy.cutAt(moment, () -> {});

    backend.commit(Transaction.of(new Change.Append(CELL, NEW)));

    assertThat(redis.get("key")).isEqualTo("oldnew");
  }

  @Test
  void withoutAWayBackTheOutcomeStaysUnknown() {
    proxy.cutAt(Moment.AFTER_EXEC, proxy::shut);
    long start = System.nanoTime();

    assertThatExceptionOfType(OutcomeUnknownException.class)
        .isThrownBy(() -> backend.commit(expecting(OLD).put(CELL, NEW).build()));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  private static Transaction.Builder expecting(Bytes content) {
    return Transaction.builder().expect(CELL, Version.of(content));
  }

  private static void write(String content) {
    try (RawRedis other = RawRedis.of(server)) {
      other.ask(Command.SET, KEY, content);
    }
  }
}
