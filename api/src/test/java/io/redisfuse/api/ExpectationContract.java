package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Put;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Expectations, and the conflicts when they do not hold. */
interface ExpectationContract extends ContractFixture {

  private static Version version(String content) {
    return Version.of(Bytes.utf8(content));
  }

  private static Transaction put(Cell cell, Version expected, String content) {
    return Transaction.builder().expect(cell, expected).put(cell, Bytes.utf8(content)).build();
  }

  private void assertConflict(Transaction transaction, Cell cell, Version found) {
    assertThatThrownBy(() -> backend().commit(transaction))
        .isInstanceOfSatisfying(
            ConflictException.class,
            e -> {
              assertThat(e.cell()).isEqualTo(cell);
              assertThat(e.found()).isEqualTo(found);
            })
        .hasMessageContaining(cell.key().toString());
  }

  @ParameterizedTest
  @EnumSource
  default void aCellThatIsAsExpectedIsChanged(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");

    backend().commit(put(cell, backend().read(cell).orElseThrow().version(), "new"));

    assertHolds(cell, "new");
  }

  @ParameterizedTest
  @EnumSource
  default void aCellThatAnotherChangedIsLeftAlone(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");
    another().commit(Transaction.of(new Put(cell, Bytes.utf8("theirs"))));

    assertConflict(put(cell, version("old"), "mine"), cell, version("theirs"));

    assertHolds(cell, "theirs");
  }

  @ParameterizedTest
  @EnumSource
  default void aCellThatIsGoneIsNotMadeAgain(CellKind kind) {
    Cell cell = kind.of(key("k"));

    assertConflict(put(cell, version("old"), "mine"), cell, Version.ABSENT);

    assertNoKey(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void anEmptyCellIsNotAnAbsentOne(CellKind kind) {
    Cell empty = kind.of(key("empty"));
    Cell absent = kind.of(key("absent"));
    put(empty, "");

    assertConflict(put(empty, Version.ABSENT, "mine"), empty, version(""));
    assertConflict(put(absent, version(""), "mine"), absent, Version.ABSENT);
  }

  @ParameterizedTest
  @EnumSource
  default void aCellIsMadeWhereNoneIsExpected(CellKind kind) {
    Cell cell = kind.of(key("k"));

    backend().commit(put(cell, Version.ABSENT, "mine"));

    assertHolds(cell, "mine");
  }

  @ParameterizedTest
  @EnumSource
  default void onlyTheFirstMakesACell(CellKind kind) {
    Cell cell = kind.of(key("k"));
    another().commit(put(cell, Version.ABSENT, "theirs"));

    assertConflict(put(cell, Version.ABSENT, "mine"), cell, version("theirs"));

    assertHolds(cell, "theirs");
  }

  @Test
  default void aFieldMayBeAbsentFromAHashThatExists() {
    put(field("h", "other"), "content");

    backend().commit(put(field("h", "f"), Version.ABSENT, "mine"));

    assertHolds(field("h", "f"), "mine");
    assertHolds(field("h", "other"), "content");
  }

  @Test
  default void anotherFieldOfTheHashIsNoConflict() {
    put(field("h", "mine"), "old");
    Version seen = backend().read(field("h", "mine")).orElseThrow().version();
    another().commit(Transaction.of(new Put(field("h", "theirs"), Bytes.utf8("new"))));

    backend().commit(put(field("h", "mine"), seen, "new"));

    assertHolds(field("h", "mine"), "new");
    assertHolds(field("h", "theirs"), "new");
  }

  @ParameterizedTest
  @EnumSource
  default void aTtlIsNoConflict(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");
    Version seen = backend().read(cell).orElseThrow().version();
    expire(key("k"), HOUR);

    backend().commit(put(cell, seen, "new"));

    assertHolds(cell, "new");
    assertExpiresInAnHour(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void theSameContentWrittenAgainIsNoConflict(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");
    Version seen = backend().read(cell).orElseThrow().version();
    put(cell, "other");
    put(cell, "old");

    backend().commit(put(cell, seen, "new"));

    assertHolds(cell, "new");
  }

  @Test
  default void severalFieldsOfOneHashAreExpectedTogether() {
    put(field("h", "a"), "1");
    put(field("h", "b"), "2");

    backend()
        .commit(
            Transaction.builder()
                .expect(field("h", "a"), version("1"))
                .expect(field("h", "b"), version("2"))
                .expect(field("h", "c"), Version.ABSENT)
                .put(field("h", "c"), Bytes.utf8("3"))
                .build());

    assertHolds(field("h", "c"), "3");
  }

  @Test
  default void oneFieldThatIsNotAsExpectedStopsAll() {
    put(field("h", "a"), "1");
    put(field("h", "b"), "changed");

    assertConflict(
        Transaction.builder()
            .expect(field("h", "a"), version("1"))
            .expect(field("h", "b"), version("2"))
            .expect(field("h", "c"), version("3"))
            .put(field("h", "a"), Bytes.utf8("mine"))
            .build(),
        field("h", "b"),
        version("changed"));

    assertHolds(field("h", "a"), "1");
  }

  @Test
  default void twoKeysAreExpectedTogether() {
    put(string("a"), "1");
    put(field("b", "f"), "2");

    backend()
        .commit(
            Transaction.builder()
                .expect(string("a"), version("1"))
                .expect(field("b", "f"), version("2"))
                .put(string("a"), Bytes.utf8("one"))
                .put(field("b", "f"), Bytes.utf8("two"))
                .build());

    assertHolds(string("a"), "one");
    assertHolds(field("b", "f"), "two");
  }

  @Test
  default void oneKeyThatIsNotAsExpectedStopsBoth() {
    put(string("a"), "1");
    put(field("b", "f"), "changed");

    assertConflict(
        Transaction.builder()
            .expect(string("a"), version("1"))
            .expect(field("b", "f"), version("2"))
            .put(string("a"), Bytes.utf8("one"))
            .put(field("b", "f"), Bytes.utf8("two"))
            .build(),
        field("b", "f"),
        version("changed"));

    assertHolds(string("a"), "1");
    assertHolds(field("b", "f"), "changed");
  }

  @Test
  default void theFirstBrokenExpectationIsReported() {
    put(string("a"), "1");
    put(string("b"), "2");
    put(string("c"), "3");

    assertConflict(
        Transaction.builder()
            .expect(string("c"), version("3"))
            .expect(string("b"), version("wrong"))
            .expect(string("a"), version("wrong"))
            .build(),
        string("b"),
        version("2"));
  }

  @ParameterizedTest
  @EnumSource
  default void anExpectationStandsAlone(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    backend().commit(Transaction.builder().expect(cell, version("content")).build());
    assertConflict(
        Transaction.builder().expect(cell, version("other")).build(), cell, version("content"));
  }

  @Test
  default void whatIsExpectedNeedNotBeWhatIsChanged() {
    put(string("guard"), "on");

    Transaction guarded =
        Transaction.builder()
            .expect(string("guard"), version("on"))
            .put(string("s"), Bytes.utf8("content"))
            .build();
    backend().commit(guarded);
    assertHolds(string("s"), "content");

    put(string("guard"), "off");
    put(string("s"), "untouched");
    assertConflict(guarded, string("guard"), version("off"));
    assertHolds(string("s"), "untouched");
  }

  @ParameterizedTest
  @EnumSource
  default void theSameExpectationTwiceIsOne(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    backend()
        .commit(
            Transaction.builder()
                .expect(cell, version("content"))
                .expect(cell, version("content"))
                .put(cell, Bytes.utf8("new"))
                .build());

    assertHolds(cell, "new");
  }

  @ParameterizedTest
  @EnumSource
  default void expectationsThatContradictNeverHold(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");

    for (Version other : new Version[] {version("two"), Version.ABSENT}) {
      assertConflict(
          Transaction.builder()
              .expect(cell, version("one"))
              .expect(cell, other)
              .put(cell, Bytes.utf8("mine"))
              .build(),
          cell,
          version("one"));
      assertConflict(
          Transaction.builder()
              .expect(cell, other)
              .expect(cell, version("one"))
              .put(cell, Bytes.utf8("mine"))
              .build(),
          cell,
          version("one"));
    }

    assertHolds(cell, "one");
  }

  @ParameterizedTest
  @EnumSource
  default void expectationsAreOfTheStateBeforeTheFirstChange(CellKind kind) {
    Cell cell = kind.of(key("k"));

    backend()
        .commit(
            Transaction.builder()
                .put(cell, Bytes.utf8("one"))
                .expect(cell, Version.ABSENT)
                .put(cell, Bytes.utf8("two"))
                .build());

    assertHolds(cell, "two");
  }
}
