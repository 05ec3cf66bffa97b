package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No operation reads a key as what it is not, and none turns it into another type. */
interface WrongTypeContract extends ContractFixture {

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"STRING", "OTHER"})
  default void whatIsNoStringIsNeitherReadNorChangedAsOne(Type type) {
    assertRefusedEverywhere(type, string("k"));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"HASH", "OTHER"})
  default void whatIsNoHashIsNeitherReadNorChangedAsOne(Type type) {
    assertRefusedEverywhere(type, field("k", "f"));
  }

  private void assertRefusedEverywhere(Type type, Cell cell) {
    make(type, key("k"));
    expire(key("k"), HOUR);
    put(string("s"), "content");
    put(field("h", "f"), "content");
    Optional<Object> held = held(key("k"));

    assertRefused(type, () -> backend().read(cell));
    assertRefused(type, () -> backend().read(cell, new CollectingSink()));
    assertRefused(type, () -> backend().read(cell, 0, 1));
    assertRefused(type, () -> backend().version(cell));
    assertRefused(type, () -> commit(new Put(cell, Bytes.utf8("wrong"))));
    assertRefused(type, () -> commit(new Patch(cell, 1, Bytes.utf8("wrong"))));
    assertRefused(type, () -> commit(new Append(cell, Bytes.utf8("wrong"))));
    assertRefused(type, () -> commit(new Delete(cell)));
    assertRefused(type, () -> commit(new Move(cell, string("to"))));
    assertRefused(type, () -> commit(new Move(cell, field("to", "f"))));
    assertRefused(type, () -> commit(new Move(string("s"), cell)));
    assertRefused(type, () -> commit(new Move(field("h", "f"), cell)));
    assertRefused(type, () -> commit(new Move(cell, cell)));
    for (Version expected : new Version[] {Version.ABSENT, Version.of(Bytes.EMPTY)}) {
      assertRefused(
          type, () -> backend().commit(Transaction.builder().expect(cell, expected).build()));
    }

    assertThat(held(key("k"))).isEqualTo(held);
    assertExpiresInAnHour(key("k"));
    assertHolds(string("s"), "content");
    assertHolds(field("h", "f"), "content");
    assertNoKey(key("to"));
  }

  private void assertRefused(Type type, ThrowingCallable operation) {
    assertThatThrownBy(operation)
        .isInstanceOfSatisfying(
            WrongTypeException.class,
            e -> {
              assertThat(e.key()).isEqualTo(key("k"));
              assertThat(e.found()).isEqualTo(type);
            })
        .hasMessageContaining(key("k").toString());
  }

  @Test
  default void ofAConflictAndAWrongTypeEitherIsReportedAndNothingIsApplied() {
    put(string("s"), "content");
    make(Type.LIST, key("list"));

    assertThatThrownBy(
            () ->
                backend()
                    .commit(
                        Transaction.builder()
                            .expect(string("s"), Version.ABSENT)
                            .put(string("s"), Bytes.utf8("mine"))
                            .put(string("list"), Bytes.utf8("mine"))
                            .build()))
        .isInstanceOfAny(ConflictException.class, WrongTypeException.class);

    assertHolds(string("s"), "content");
    assertThat(status(string("list")).type()).isEqualTo(Type.LIST);
  }
}
