package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.MoveKey;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Backend#watch}. */
interface WatchContract extends ContractFixture {

  Duration LIMIT = Duration.ofSeconds(30);

  private static ConditionFactory patience() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).atMost(LIMIT);
  }

  private static void awaitHeard(ChangeRecorder recorder, Bytes... keys) {
    patience().until(() -> List.of(keys).stream().allMatch(recorder::heardOf));
  }

  private void assertHeard(Change change, Bytes... keys) {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      another().commit(Transaction.of(change));
      awaitHeard(recorder, keys);
    }
  }

  @Test
  default void ownChangesAreReported() {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      put(string("s"), "content");
      put(field("h", "f"), "content");

      awaitHeard(recorder, key("s"), key("h"));
    }
  }

  @ParameterizedTest
  @EnumSource
  default void everyKindOfChangeOfACellByAnotherIsReported(CellKind kind) {
    Cell cell = kind.of(key("k"));
    Bytes more = Bytes.utf8("more");

    assertHeard(new Put(cell, more), key("k"));
    assertHeard(new Put(cell, Bytes.EMPTY), key("k"));
    assertHeard(new Patch(cell, 0, more), key("k"));
    assertHeard(new Append(cell, more), key("k"));
    assertHeard(new Move(cell, string("to")), key("k"), key("to"));
    assertHeard(new Move(string("to"), cell), key("k"), key("to"));
    assertHeard(new Move(cell, field("h", "f")), key("k"), key("h"));
    assertHeard(new Move(field("h", "f"), cell), key("k"), key("h"));
    assertHeard(new Delete(cell), key("k"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void everyKindOfChangeOfAKeyIsReported(Type type) {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      make(type, key("k"));
      awaitHeard(recorder, key("k"));
    }

    assertHeard(new Expire(key("k"), Optional.of(HOUR)), key("k"));
    assertHeard(new Expire(key("k"), Optional.empty()), key("k"));
    assertHeard(new MoveKey(key("k"), key("to")), key("k"), key("to"));
    assertHeard(new DeleteKey(key("to")), key("to"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void anExpiryIsReported(Type type) {
    Duration ttl = Duration.ofMillis(300);
    while (!expiresWhileWatched(type, ttl)) {
      ttl = ttl.multipliedBy(2);
    }
  }

  /**
   * Whether the key was still there when the watch had begun, so that its expiry had to be, and
   * was, reported.
   */
  private boolean expiresWhileWatched(Type type, Duration ttl) {
    commit(new DeleteKey(key("k")));
    make(type, key("k"));
    expire(key("k"), ttl);
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      if (!exists(key("k"))) {
        return false;
      }
      awaitHeard(recorder, key("k"));
      patience().until(() -> !exists(key("k")));
      return true;
    }
  }

  private boolean exists(Bytes key) {
    return !backend().describe(List.of(Cell.string(key))).isEmpty();
  }

  @Test
  default void aWatchOfTheEmptyPrefixHearsOfEverything() {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(Bytes.EMPTY, recorder)) {
      assertThat(subscription).isNotNull();
      put(string("s"), "content");

      awaitHeard(recorder, key("s"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "?", "[ab]", "[^a]", "[", "]", "\\", "\\*", "a*", "a:"})
  default void aWatchTakesItsPrefixLiterally(String special) {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(key(special), recorder)) {
      assertThat(subscription).isNotNull();
      put(string(special), "content");
      put(string(special + "more"), "content");

      awaitHeard(recorder, key(special), key(special + "more"));
    }
  }

  @Test
  default void keysOfAllBytesAreReportedAsTheyAre() {
    Bytes binary = key(ContractFixture.allBytes());
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(binary, recorder)) {
      assertThat(subscription).isNotNull();
      put(Cell.string(binary), "content");

      awaitHeard(recorder, binary);
    }
  }

  @Test
  default void everyKeyOfALargeTransactionIsReported() {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      List<Bytes> keys = new ArrayList<>();
      Transaction.Builder transaction = Transaction.builder();
      for (int i = 0; i < 5_000; i++) {
        keys.add(key("s" + i));
        transaction.put(string("s" + i), Bytes.EMPTY);
      }
      backend().commit(transaction.build());

      awaitHeard(recorder, keys.toArray(new Bytes[0]));
    }
  }

  @Test
  default void severalWatchesHearTheSameAndEndOneByOne() {
    ChangeRecorder first = new ChangeRecorder();
    ChangeRecorder second = new ChangeRecorder();
    try (Subscription remaining = backend().watch(prefix(), second)) {
      assertThat(remaining).isNotNull();
      try (Subscription subscription = backend().watch(prefix(), first)) {
        assertThat(subscription).isNotNull();
        put(string("both"), "content");
        awaitHeard(first, key("both"));
        awaitHeard(second, key("both"));
      }
      int heard = first.calls();
      put(string("one"), "content");
      awaitHeard(second, key("one"));
      assertThat(first.calls()).isEqualTo(heard);
    }
  }

  @Test
  default void aClosedWatchHearsNothingAnyMoreAlsoWhileOthersWrite() throws Exception {
    Rivals.race(
        3,
        rival -> {
          for (int i = 0; i < 30; i++) {
            if (rival > 0) {
              another().commit(Transaction.of(new Append(string("busy"), Bytes.utf8("x"))));
              continue;
            }
            ChangeRecorder recorder = new ChangeRecorder();
            Subscription subscription = backend().watch(prefix(), recorder);
            put(string("busy"), "");
            awaitHeard(recorder, key("busy"));
            subscription.close();
            int heard = recorder.calls();
            put(string("busy"), "");
            subscription.close();
            assertThat(recorder.calls()).isEqualTo(heard);
          }
          return true;
        });
  }

  @Test
  default void aClosedBackendReportsNothing() {
    ChangeRecorder closed = new ChangeRecorder();
    ChangeRecorder open = new ChangeRecorder();
    try (Subscription subscription = another().watch(prefix(), closed);
        Subscription remaining = backend().watch(prefix(), open)) {
      assertThat(List.of(subscription, remaining)).doesNotContainNull();
      put(string("s"), "");
      awaitHeard(closed, key("s"));

      another().close();
      int heard = closed.calls();
      put(string("t"), "");
      awaitHeard(open, key("t"));
      assertThat(closed.calls()).isEqualTo(heard);
    }
  }

  @Test
  default void aListenerIsCalledByOneThreadAtATimeAndMissesNothing() throws Exception {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();

      Rivals.race(
          4,
          rival -> {
            Backend mine = rival % 2 == 0 ? backend() : another();
            for (int i = 0; i < 250; i++) {
              mine.commit(Transaction.of(new Put(string(rival + "-" + i), Bytes.EMPTY)));
            }
            return true;
          });

      List<Bytes> keys = new ArrayList<>();
      for (int rival = 0; rival < 4; rival++) {
        keys.addAll(ContractFixture.numbered(prefix().toUtf8() + rival + "-", 250));
      }
      awaitHeard(recorder, keys.toArray(new Bytes[0]));
      assertThat(recorder.wasCalledByTwoThreadsAtOnce()).isFalse();
    }
  }

  @Test
  default void whoCatchesUpHasHeardOfAllThatOthersHaveDone() throws Exception {
    ChangeRecorder recorder = new ChangeRecorder();
    ChangeListener slow =
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            recorder.changed(key);
          }

          @Override
          public void reset() {
            recorder.reset();
          }
        };
    try (Subscription subscription = backend().watch(prefix(), slow)) {
      for (int i = 0; i < 50; i++) {
        Cell one = string("z" + i);
        Cell other = string("a" + i);
        another().commit(Transaction.of(new Put(one, Bytes.EMPTY), new Put(other, Bytes.EMPTY)));

        assertThat(subscription.catchUp(LIMIT)).isTrue();

        assertThat(recorder.heardOf(one.key())).isTrue();
        assertThat(recorder.heardOf(other.key())).isTrue();
      }
      assertThat(subscription.catchUp(LIMIT)).as("nothing has changed").isTrue();
    }
  }

  @Test
  default void whoCannotCatchUpIsTold() throws Exception {
    CountDownLatch goesOn = new CountDownLatch(1);
    ChangeListener stuck =
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            try {
              goesOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void reset() {}
        };
    Subscription subscription = backend().watch(prefix(), stuck);
    try {
      put(string("s"), "content");
      assertThat(subscription.catchUp(Duration.ofMillis(50))).isFalse();
    } finally {
      goesOn.countDown();
      subscription.close();
    }
    assertThat(subscription.catchUp(LIMIT)).as("of an ended feed").isFalse();
  }

  @Test
  default void whatIsReportedIsThereToBeRead() {
    ChangeRecorder recorder = new ChangeRecorder();
    try (Subscription subscription = backend().watch(prefix(), recorder)) {
      assertThat(subscription).isNotNull();
      for (int i = 0; i < 100; i++) {
        Cell cell = string("s" + i);
        another().commit(Transaction.of(new Put(cell, Bytes.utf8("content"))));
        awaitHeard(recorder, cell.key());
        assertHolds(cell, "content");
      }
    }
  }
}
