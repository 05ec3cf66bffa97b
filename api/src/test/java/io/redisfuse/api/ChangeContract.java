package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Put}, {@link Append}, {@link Delete}, {@link DeleteKey}, and the rest of the SPI. */
interface ChangeContract extends ContractFixture {

  @ParameterizedTest
  @EnumSource
  default void aPutMakesACell(CellKind kind) {
    Cell cell = kind.of(key("k"));

    put(cell, "content");

    assertHolds(cell, "content");
    assertNeverExpires(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void aPutReplacesTheWholeContent(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "a longer content");

    put(cell, "short");

    assertHolds(cell, "short");
  }

  @Test
  default void aPutOfAFieldLeavesTheOtherFields() {
    put(field("h", "one"), "1");
    put(field("h", "two"), "2");

    put(field("h", "one"), "uno");

    assertHolds(field("h", "one"), "uno");
    assertHolds(field("h", "two"), "2");
  }

  @ParameterizedTest
  @EnumSource
  default void aPutKeepsTheTtl(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");
    expire(key("k"), HOUR);

    put(cell, "new content");

    assertHolds(cell, "new content");
    assertExpiresInAnHour(key("k"));
  }

  @Test
  default void aNewFieldKeepsTheTtlOfTheHash() {
    put(field("h", "one"), "1");
    expire(key("h"), HOUR);

    put(field("h", "two"), "2");

    assertExpiresInAnHour(key("h"));
  }

  @ParameterizedTest
  @EnumSource
  default void anAppendWritesAtTheEnd(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");

    commit(new Append(cell, Bytes.utf8(" two")));
    commit(new Append(cell, Bytes.utf8(" three")));

    assertHolds(cell, "one two three");
  }

  @ParameterizedTest
  @EnumSource
  default void anAppendMakesACell(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Append(cell, Bytes.utf8("one")));

    assertHolds(cell, "one");
  }

  @ParameterizedTest
  @EnumSource
  default void anAppendOfNothingMakesAnEmptyCell(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Append(cell, Bytes.EMPTY));

    assertHolds(cell, "");
  }

  @ParameterizedTest
  @EnumSource
  default void anAppendOfNothingKeepsTheContent(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");

    commit(new Append(cell, Bytes.EMPTY));

    assertHolds(cell, "one");
  }

  @ParameterizedTest
  @EnumSource
  default void anAppendKeepsTheTtl(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");
    expire(key("k"), HOUR);

    commit(new Append(cell, Bytes.utf8("two")));

    assertExpiresInAnHour(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void manySmallAppendsAddUp(CellKind kind) {
    Cell cell = kind.of(key("k"));
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      expected.append(i).append('\n');
      commit(new Append(cell, Bytes.utf8(i + "\n")));
    }

    assertHolds(cell, expected.toString());
  }

  @ParameterizedTest
  @EnumSource
  default void aSnapshotDoesNotChangeWhenItsCellDoes(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "0123456789");
    commit(new Append(cell, Bytes.utf8("0123456789")));
    Snapshot before = backend().read(cell).orElseThrow();

    commit(new Append(cell, Bytes.utf8("more")));
    commit(new Patch(cell, 0, Bytes.utf8("OVER")));

    assertThat(before).isEqualTo(Snapshot.of(Bytes.utf8("01234567890123456789")));
    assertHolds(cell, "OVER4567890123456789more");
  }

  @ParameterizedTest
  @EnumSource
  default void aDeleteRemovesACell(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    commit(new Delete(cell));

    assertAbsent(cell);
    assertNoKey(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void aDeleteWithoutTheCellChangesNothing(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Delete(cell));

    assertNoKey(key("k"));
  }

  @Test
  default void aDeleteOfAFieldLeavesTheOthersAndTheTtl() {
    put(field("h", "one"), "1");
    put(field("h", "two"), "2");
    expire(key("h"), HOUR);

    commit(new Delete(field("h", "one")), new Delete(field("h", "three")));

    assertAbsent(field("h", "one"));
    assertHolds(field("h", "two"), "2");
    assertExpiresInAnHour(key("h"));
  }

  @Test
  default void aHashGoesWithItsLastField() {
    put(field("h", "one"), "1");
    put(field("h", "two"), "2");

    commit(new Delete(field("h", "one")), new Delete(field("h", "two")));

    assertNoKey(key("h"));
    put(string("h"), "now a string");
    assertHolds(string("h"), "now a string");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aDeleteKeyRemovesAKeyOfAnyType(Type type) {
    make(type, key("k"));

    commit(new DeleteKey(key("k")));

    assertNoKey(key("k"));
  }

  @Test
  default void aDeleteKeyWithoutTheKeyChangesNothing() {
    commit(new DeleteKey(key("k")));

    assertNoKey(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void whatWasDeletedComesBackWithoutItsTtl(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "old");
    expire(key("k"), HOUR);
    commit(new Delete(cell));

    put(cell, "new");

    assertNeverExpires(key("k"));
  }

  @Test
  default void whatWasCommittedIsApplied() {
    put(string("s"), "content");

    backend().sync(Set.of(key("s")), new Durability.Applied());
    backend().sync(new Durability.Applied());

    assertThat(another().read(string("s"))).contains(Snapshot.of(Bytes.utf8("content")));
  }

  @Test
  default void aBackendMayBeClosedTwice() {
    put(string("s"), "content");

    another().close();
    another().close();

    assertHolds(string("s"), "content");
  }
}
