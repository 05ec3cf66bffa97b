package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.MoveKey;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All or nothing, and in order. */
interface TransactionContract extends ContractFixture {

  @Test
  default void anEmptyTransactionChangesNothing() {
    put(string("s"), "content");

    backend().commit(Transaction.of());

    assertHolds(string("s"), "content");
  }

  /** Every kind of change, and then {@code failing}: nothing of it may remain. */
  private void assertNothingRemains(
      Class<? extends BackendException> failure, Bytes key, Change failing) {
    put(string("put"), "old");
    put(field("patch", "f"), "old");
    put(string("append"), "old");
    put(field("delete", "f"), "old");
    put(field("delete", "g"), "old");
    put(string("moved"), "old");
    make(Type.LIST, key("list"));
    make(Type.SET, key("set"));
    make(Type.STREAM, key("stream"));
    make(Type.SORTED_SET, key("sorted"));
    expire(key("stream"), HOUR);
    Optional<Object> list = held(key("list"));
    Optional<Object> set = held(key("set"));

    assertThatThrownBy(
            () ->
                commit(
                    new Put(string("put"), Bytes.utf8("new")),
                    new Put(field("new", "f"), Bytes.utf8("new")),
                    new Patch(field("patch", "f"), 1, Bytes.utf8("new")),
                    new Append(string("append"), Bytes.utf8("new")),
                    new Delete(field("delete", "f")),
                    new Move(string("moved"), field("moved-to", "f")),
                    new DeleteKey(key("list")),
                    new MoveKey(key("set"), key("set-moved-to")),
                    new Expire(key("stream"), Optional.empty()),
                    new Expire(key("sorted"), Optional.of(HOUR)),
                    failing))
        .isInstanceOf(failure)
        .hasMessageContaining(key.toString());

    assertHolds(string("put"), "old");
    assertNoKey(key("new"));
    assertHolds(field("patch", "f"), "old");
    assertHolds(string("append"), "old");
    assertHolds(field("delete", "f"), "old");
    assertHolds(string("moved"), "old");
    assertNoKey(key("moved-to"));
    assertThat(held(key("list"))).isEqualTo(list);
    assertThat(held(key("set"))).isEqualTo(set);
    assertNoKey(key("set-moved-to"));
    assertExpiresInAnHour(key("stream"));
    assertNeverExpires(key("sorted"));
  }

  @Test
  default void aLateChangeOfAWrongTypeUndoesAll() {
    assertNothingRemains(
        WrongTypeException.class,
        key("sorted"),
        new Put(field("sorted", "f"), Bytes.utf8("wrong")));
  }

  @Test
  default void aLateDeleteOfAWrongTypeUndoesAll() {
    assertNothingRemains(WrongTypeException.class, key("stream"), new Delete(string("stream")));
  }

  @Test
  default void aLateMoveOfNothingUndoesAll() {
    assertNothingRemains(
        ConflictException.class, key("none"), new Move(string("none"), string("to")));
  }

  @Test
  default void aLateMoveOfNoKeyUndoesAll() {
    assertNothingRemains(ConflictException.class, key("none"), new MoveKey(key("none"), key("to")));
  }

  @Test
  default void aLateMoveOfWhatTheTransactionDeletedUndoesAll() {
    assertNothingRemains(ConflictException.class, key("list"), new MoveKey(key("list"), key("to")));
  }

  @Test
  default void aLateChangeOfWhatTheTransactionMadeOfAnotherTypeUndoesAll() {
    assertNothingRemains(
        WrongTypeException.class, key("new"), new Append(string("new"), Bytes.utf8("wrong")));
  }

  @Test
  default void aLateChangeOfWhatTheTransactionMovedThereUndoesAll() {
    assertNothingRemains(
        WrongTypeException.class,
        key("set-moved-to"),
        new Patch(string("set-moved-to"), 0, Bytes.utf8("wrong")));
  }

  @ParameterizedTest
  @EnumSource
  default void laterChangesSeeEarlierOnes(CellKind kind) {
    Cell cell = kind.of(key("k"));
    Cell elsewhere = kind.of(key("elsewhere"));

    commit(
        new Put(cell, Bytes.utf8("0123")),
        new Append(cell, Bytes.utf8("45")),
        new Patch(cell, 1, Bytes.utf8("abc")),
        new Move(cell, elsewhere),
        new Append(elsewhere, Bytes.utf8("!")),
        new Append(cell, Bytes.utf8("again")));

    assertHolds(elsewhere, "0abc45!");
    assertHolds(cell, "again");
  }

  @ParameterizedTest
  @EnumSource
  default void theLastPutCounts(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Put(cell, Bytes.utf8("one")), new Put(cell, Bytes.utf8("two")));

    assertHolds(cell, "two");
  }

  @ParameterizedTest
  @EnumSource
  default void aPutAfterADeleteRemains(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");

    commit(new Delete(cell), new Put(cell, Bytes.utf8("new")));

    assertHolds(cell, "new");
  }

  @ParameterizedTest
  @EnumSource
  default void aDeleteAfterAPutRemoves(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Put(cell, Bytes.utf8("new")), new Delete(cell));

    assertNoKey(key("k"));
  }

  @Test
  default void anAppendAfterADeleteStartsAfresh() {
    put(string("s"), "old");
    put(field("h", "f"), "old");

    commit(
        new Delete(string("s")),
        new Append(string("s"), Bytes.utf8("new")),
        new Delete(field("h", "f")),
        new Append(field("h", "f"), Bytes.utf8("new")));

    assertHolds(string("s"), "new");
    assertHolds(field("h", "f"), "new");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"STRING", "OTHER"})
  default void aKeyThatIsDeletedFirstMayBecomeAnotherType(Type type) {
    make(type, key("k"));
    expire(key("k"), HOUR);

    commit(new DeleteKey(key("k")), new Put(string("k"), Bytes.utf8("now a string")));

    assertHolds(string("k"), "now a string");
    assertNeverExpires(key("k"));
  }

  @Test
  default void aKeyThatIsMovedAwayMakesRoomForAnotherType() {
    make(Type.LIST, key("k"));

    commit(new MoveKey(key("k"), key("away")), new Put(field("k", "f"), Bytes.utf8("content")));

    assertHolds(field("k", "f"), "content");
    assertThat(status(string("away")).type()).isEqualTo(Type.LIST);
  }

  @Test
  default void aHashWhoseLastFieldGoesFirstMayBecomeAString() {
    put(field("k", "f"), "content");

    commit(new Delete(field("k", "f")), new Put(string("k"), Bytes.utf8("now a string")));

    assertHolds(string("k"), "now a string");
  }

  @Test
  default void keysSwapTheirNames() {
    make(Type.LIST, key("a"));
    make(Type.STREAM, key("b"));
    expire(key("b"), HOUR);

    commit(
        new MoveKey(key("a"), key("aside")),
        new MoveKey(key("b"), key("a")),
        new MoveKey(key("aside"), key("b")));

    assertThat(status(string("a")).type()).isEqualTo(Type.STREAM);
    assertThat(status(string("b")).type()).isEqualTo(Type.LIST);
    assertExpiresInAnHour(key("a"));
    assertNeverExpires(key("b"));
    assertNoKey(key("aside"));
  }

  @Test
  default void aFieldKeepsTheNewTtlOfItsHashThroughTheTransaction() {
    put(field("h", "f"), "old");

    commit(
        new Expire(key("h"), Optional.of(HOUR)),
        new Put(field("h", "f"), Bytes.utf8("new")),
        new Put(field("h", "g"), Bytes.utf8("new")));

    assertExpiresInAnHour(key("h"));
  }

  @Test
  default void thousandsOfChangesAreOneTransaction() {
    Transaction.Builder transaction = Transaction.builder();
    for (int i = 0; i < 5_000; i++) {
      transaction.expect(string("s" + i), Version.ABSENT);
      transaction.put(string("s" + i), Bytes.utf8("content " + i));
    }
    backend().commit(transaction.build());
    assertHolds(string("s0"), "content 0");
    assertHolds(string("s4999"), "content 4999");

    Transaction.Builder moves = Transaction.builder();
    for (int i = 0; i < 5_000; i++) {
      moves.change(new MoveKey(key("s" + i), key("t" + i)));
    }
    backend().commit(moves.build());
    assertNoKey(key("s4999"));
    assertHolds(string("t4999"), "content 4999");
  }
}
