package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.Move;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Move}, between strings, fields, and from one to the other. */
interface MoveContract extends ContractFixture {

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void aMoveMakesTheTarget(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    put(from, "content");

    commit(new Move(from, to));

    assertNoKey(key("from"));
    assertHolds(to, "content");
    assertNeverExpires(key("to"));
  }

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void aMoveReplacesTheTarget(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    put(from, "content");
    put(to, "a longer content that goes");

    commit(new Move(from, to));

    assertAbsent(from);
    assertHolds(to, "content");
  }

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void emptyContentMovesToo(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    put(from, "");
    put(to, "old");

    commit(new Move(from, to));

    assertAbsent(from);
    assertHolds(to, "");
  }

  @Test
  default void otherFieldsStayWhereTheyAre() {
    put(field("from", "moving"), "m");
    put(field("from", "staying"), "s");
    put(field("to", "there"), "t");

    commit(new Move(field("from", "moving"), field("to", "moved")));

    assertAbsent(field("from", "moving"));
    assertHolds(field("from", "staying"), "s");
    assertHolds(field("to", "there"), "t");
    assertHolds(field("to", "moved"), "m");
  }

  @Test
  default void aStringTakesItsTtlToAnotherString() {
    put(string("from"), "content");
    expire(key("from"), HOUR);

    commit(new Move(string("from"), string("to")));

    assertExpiresInAnHour(key("to"));
  }

  @Test
  default void aStringWithoutATtlEndsTheTtlOfTheStringItReplaces() {
    put(string("from"), "content");
    put(string("to"), "old");
    expire(key("to"), HOUR);

    commit(new Move(string("from"), string("to")));

    assertHolds(string("to"), "content");
    assertNeverExpires(key("to"));
  }

  @Test
  default void aStringLeavesItsTtlWhenItBecomesAField() {
    put(string("from"), "content");
    expire(key("from"), HOUR);

    commit(new Move(string("from"), field("to", "f")));

    assertNeverExpires(key("to"));
  }

  @ParameterizedTest
  @EnumSource
  default void aHashKeepsItsTtlWhenAFieldArrives(CellKind source) {
    Cell from = source.of(key("from"));
    put(from, "content");
    put(field("to", "f"), "old");
    expire(key("to"), HOUR);

    commit(new Move(from, field("to", "f")));

    assertHolds(field("to", "f"), "content");
    assertExpiresInAnHour(key("to"));
  }

  @Test
  default void aStringKeepsItsTtlWhenAFieldReplacesIt() {
    put(field("from", "f"), "content");
    put(string("to"), "old");
    expire(key("to"), HOUR);

    commit(new Move(field("from", "f"), string("to")));

    assertHolds(string("to"), "content");
    assertExpiresInAnHour(key("to"));
  }

  @ParameterizedTest
  @EnumSource
  default void aFieldLeavesTheTtlOfItsHashBehind(CellKind target) {
    put(field("from", "f"), "content");
    put(field("from", "staying"), "s");
    expire(key("from"), HOUR);
    Cell to = target.of(key("to"));

    commit(new Move(field("from", "f"), to));

    assertHolds(to, "content");
    assertNeverExpires(key("to"));
    assertExpiresInAnHour(key("from"));
  }

  @Test
  default void theOnlyFieldIsRenamedInsideItsHashWhichKeepsItsTtl() {
    put(field("h", "old"), "content");
    expire(key("h"), HOUR);

    commit(new Move(field("h", "old"), field("h", "new")));

    assertAbsent(field("h", "old"));
    assertHolds(field("h", "new"), "content");
    assertExpiresInAnHour(key("h"));
  }

  @Test
  default void aFieldReplacesAnotherOfItsHash() {
    put(field("h", "old"), "content");
    put(field("h", "new"), "gone");

    commit(new Move(field("h", "old"), field("h", "new")));

    assertThat(held(key("h"))).contains(Map.of(Bytes.utf8("new"), Bytes.utf8("content")));
  }

  @ParameterizedTest
  @EnumSource
  default void aMoveToItselfChangesNothing(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");
    expire(key("k"), HOUR);

    commit(new Move(cell, cell));

    assertHolds(cell, "content");
    assertExpiresInAnHour(key("k"));
  }

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void aMoveOfNothingIsAConflict(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    put(to, "safe");

    assertVanished(from, new Move(from, to));

    assertHolds(to, "safe");
  }

  @ParameterizedTest
  @EnumSource
  default void aMoveOfNothingToItselfIsAConflict(CellKind kind) {
    Cell cell = kind.of(key("k"));

    assertVanished(cell, new Move(cell, cell));

    assertNoKey(key("k"));
  }

  @Test
  default void aMoveOfAFieldThatTheHashLacksIsAConflict() {
    put(field("from", "other"), "content");

    assertVanished(field("from", "f"), new Move(field("from", "f"), string("to")));

    assertHolds(field("from", "other"), "content");
    assertNoKey(key("to"));
  }

  private void assertVanished(Cell from, Change move) {
    assertThatThrownBy(() -> commit(move))
        .isInstanceOfSatisfying(
            ConflictException.class,
            e -> {
              assertThat(e.cell()).isEqualTo(from);
              assertThat(e.found()).isEqualTo(Version.ABSENT);
            })
        .hasMessageContaining(from.key().toString());
  }

  @Test
  default void aFieldCannotTakeThePlaceOfItsOwnHash() {
    put(field("k", "f"), "content");

    assertThatThrownBy(() -> commit(new Move(field("k", "f"), string("k"))))
        .isInstanceOf(WrongTypeException.class);

    assertHolds(field("k", "f"), "content");
  }

  @Test
  default void aStringCannotBecomeAFieldOfItself() {
    put(string("k"), "content");

    assertThatThrownBy(() -> commit(new Move(string("k"), field("k", "f"))))
        .isInstanceOf(WrongTypeException.class);

    assertHolds(string("k"), "content");
  }

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void aMoveSparesATargetThatIsExpectedToBeAbsent(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    put(from, "content");
    Transaction transaction =
        Transaction.builder()
            .expect(from, Version.of(Bytes.utf8("content")))
            .expect(to, Version.ABSENT)
            .change(new Move(from, to))
            .build();
    put(to, "theirs");

    assertThatThrownBy(() -> backend().commit(transaction))
        .isInstanceOfSatisfying(
            ConflictException.class,
            e -> {
              assertThat(e.cell()).isEqualTo(to);
              assertThat(e.found()).isEqualTo(Version.of(Bytes.utf8("theirs")));
            });
    assertHolds(from, "content");
    assertHolds(to, "theirs");

    commit(new Delete(to));
    backend().commit(transaction);
    assertHolds(to, "content");
  }

  @Test
  default void cellsSwapTheirContentThroughAThird() {
    put(string("a"), "1");
    put(field("b", "f"), "2");

    commit(
        new Move(string("a"), string("aside")),
        new Move(field("b", "f"), string("a")),
        new Move(string("aside"), field("b", "f")));

    assertHolds(string("a"), "2");
    assertHolds(field("b", "f"), "1");
    assertNoKey(key("aside"));
  }
}
