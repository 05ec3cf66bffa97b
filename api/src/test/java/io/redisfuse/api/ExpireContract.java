package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.MoveKey;
import io.redisfuse.api.Change.Put;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Expire}, and that what has expired does not exist. */
interface ExpireContract extends ContractFixture {

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aKeyOfAnyTypeExpires(Type type) {
    make(type, key("k"));

    letExpire(key("k"));

    assertNoKey(key("k"));
  }

  /** Gives {@code key} a short life and waits for its end. */
  private void letExpire(Bytes key) {
    expire(key, Duration.ofMillis(30));
    Awaitility.await()
        .pollDelay(Duration.ofMillis(30))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> backend().describe(List.of(Cell.string(key))).isEmpty());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aKeyOfAnyTypeIsMadeToLiveForEver(Type type) {
    make(type, key("k"));
    expire(key("k"), HOUR);
    Optional<Object> held = held(key("k"));

    commit(new Expire(key("k"), Optional.empty()));

    assertNeverExpires(key("k"));
    assertThat(held(key("k"))).isEqualTo(held);
  }

  @Test
  default void aLaterTtlReplacesAnEarlier() {
    put(string("s"), "");
    expire(key("s"), Duration.ofDays(100));

    expire(key("s"), HOUR);

    assertExpiresInAnHour(key("s"));
  }

  @Test
  default void aTtlIsCountedInMilliseconds() {
    put(string("s"), "");
    expire(key("s"), Duration.ofMillis(3_600_999));

    assertThat(ttl(key("s")).orElseThrow()).isLessThanOrEqualTo(Duration.ofMillis(3_600_999));
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(7))
        .until(() -> ttl(key("s")).orElseThrow().toMillis() % 1_000 != 0);
  }

  @Test
  default void theTtlOfNoKeyChangesNothing() {
    expire(key("k"), HOUR);
    commit(new Expire(key("k"), Optional.empty()));

    assertNoKey(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void anExpiredCellIsAbsentInEveryWay(CellKind kind) throws Exception {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    letExpire(key("k"));

    assertAbsent(cell);
    assertThat(backend().read(cell, new CollectingSink())).isEmpty();
    assertThat(backend().read(cell, 0, 1)).isEmpty();
    assertThat(backend().fields(List.of(key("k")))).isEmpty();
    assertThat(backend().elements(key("k"))).isEmpty();
    commit(new Change.Delete(cell), new DeleteKey(key("k")));
    assertThatThrownBy(() -> commit(new Move(cell, string("to"))))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> commit(new MoveKey(key("k"), key("to"))))
        .isInstanceOf(ConflictException.class);
  }

  @ParameterizedTest
  @EnumSource
  default void anExpiredCellIsExpectedToBeAbsent(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");
    letExpire(key("k"));

    assertThatThrownBy(
            () ->
                backend()
                    .commit(
                        Transaction.builder()
                            .expect(cell, Version.of(Bytes.utf8("content")))
                            .put(cell, Bytes.utf8("late"))
                            .build()))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.found()).isEqualTo(Version.ABSENT));

    backend()
        .commit(
            Transaction.builder()
                .expect(cell, Version.ABSENT)
                .put(cell, Bytes.utf8("new"))
                .build());
    assertHolds(cell, "new");
    assertNeverExpires(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void anExpiredCellIsAppendedToAsIfItWereNew(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");
    letExpire(key("k"));

    commit(new Append(cell, Bytes.utf8("new")));

    assertHolds(cell, "new");
    assertNeverExpires(key("k"));
  }

  @Test
  default void anExpiredHashDoesNotComeBackWithItsFields() {
    put(field("h", "one"), "1");
    letExpire(key("h"));

    put(field("h", "two"), "2");

    assertAbsent(field("h", "one"));
  }

  @Test
  default void anExpiredKeyDoesNotStandInTheWayOfAnotherType() {
    make(Type.LIST, key("k"));
    letExpire(key("k"));

    put(string("k"), "a string");

    assertHolds(string("k"), "a string");
  }

  @ParameterizedTest
  @EnumSource
  default void aTransactionSetsContentAndTtlTogether(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Put(cell, Bytes.utf8("content")), new Expire(key("k"), Optional.of(HOUR)));

    assertHolds(cell, "content");
    assertExpiresInAnHour(key("k"));
  }
}
