package io.redisfuse.api;

import io.redisfuse.api.Change.Patch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Patch}. */
interface PatchContract extends ContractFixture {

  @ParameterizedTest
  @CsvSource({
    "STRING,0,ab,ab23456789", "STRING,4,ab,0123ab6789", "STRING,8,ab,01234567ab",
    "STRING,9,ab,012345678ab", "STRING,10,ab,0123456789ab", "STRING,0,0123456789xyz,0123456789xyz",
    "FIELD,0,ab,ab23456789", "FIELD,4,ab,0123ab6789", "FIELD,8,ab,01234567ab",
    "FIELD,9,ab,012345678ab", "FIELD,10,ab,0123456789ab", "FIELD,0,0123456789xyz,0123456789xyz"
  })
  default void aPatchWritesAtItsOffset(CellKind kind, long offset, String part, String result) {
    Cell cell = kind.of(key("k"));
    put(cell, "0123456789");

    commit(new Patch(cell, offset, Bytes.utf8(part)));

    assertHolds(cell, result);
  }

  @ParameterizedTest
  @EnumSource
  default void aGapIsFilledWithZeros(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");

    commit(new Patch(cell, 5, Bytes.utf8("two")));

    assertHolds(cell, "one\0\0two");
  }

  @ParameterizedTest
  @EnumSource
  default void anAbsentCellIsPatchedAsIfItWereEmpty(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Patch(cell, 2, Bytes.utf8("two")));

    assertHolds(cell, "\0\0two");
  }

  @ParameterizedTest
  @EnumSource
  default void anEmptyPatchCreatesNothing(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(new Patch(cell, 0, Bytes.EMPTY), new Patch(cell, 100, Bytes.EMPTY));

    assertNoKey(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void anEmptyPatchChangesNothing(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");

    commit(new Patch(cell, 0, Bytes.EMPTY), new Patch(cell, 100, Bytes.EMPTY));

    assertHolds(cell, "one");
  }

  @ParameterizedTest
  @EnumSource
  default void aPatchKeepsTheTtl(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "one");
    expire(key("k"), HOUR);

    commit(new Patch(cell, 1, Bytes.utf8("two")));

    assertHolds(cell, "otwo");
    assertExpiresInAnHour(key("k"));
  }

  @ParameterizedTest
  @EnumSource
  default void patchesOfOneTransactionAreAppliedInOrder(CellKind kind) {
    Cell cell = kind.of(key("k"));

    commit(
        new Patch(cell, 0, Bytes.utf8("aaaa")),
        new Patch(cell, 2, Bytes.utf8("bbbb")),
        new Patch(cell, 1, Bytes.utf8("cc")));

    assertHolds(cell, "accbbb");
  }

  @Test
  default void aPatchOfAFieldLeavesTheOthers() {
    put(field("h", "one"), "1");
    put(field("h", "two"), "2");

    commit(new Patch(field("h", "one"), 1, Bytes.utf8("!")));

    assertHolds(field("h", "one"), "1!");
    assertHolds(field("h", "two"), "2");
  }
}
