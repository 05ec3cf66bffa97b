package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.MoveKey;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link MoveKey}. */
interface MoveKeyContract extends ContractFixture {

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aKeyOfAnyTypeMovesWithAllItHoldsAndItsTtl(Type type) {
    make(type, key("from"));
    expire(key("from"), HOUR);
    Optional<Object> held = held(key("from"));

    commit(new MoveKey(key("from"), key("to")));

    assertNoKey(key("from"));
    assertThat(held(key("to"))).isPresent().isEqualTo(held);
    assertThat(status(string("to")).type()).isEqualTo(type);
    assertExpiresInAnHour(key("to"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aMovedKeyReplacesAKeyOfAnyTypeAndItsTtl(Type replaced) {
    put(field("from", "f"), "content");
    make(replaced, key("to"));
    expire(key("to"), HOUR);

    commit(new MoveKey(key("from"), key("to")));

    assertNoKey(key("from"));
    assertHolds(field("to", "f"), "content");
    assertNeverExpires(key("to"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aKeyOfAnyTypeMovedToItselfStays(Type type) {
    make(type, key("k"));
    expire(key("k"), HOUR);
    Optional<Object> held = held(key("k"));

    commit(new MoveKey(key("k"), key("k")));

    assertThat(held(key("k"))).isPresent().isEqualTo(held);
    assertExpiresInAnHour(key("k"));
  }

  @Test
  default void aMoveOfNoKeyIsAConflictOfItsStringCell() {
    make(Type.LIST, key("to"));

    assertThatThrownBy(() -> commit(new MoveKey(key("from"), key("to"))))
        .isInstanceOfSatisfying(
            ConflictException.class,
            e -> {
              assertThat(e.cell()).isEqualTo(string("from"));
              assertThat(e.found()).isEqualTo(Version.ABSENT);
            })
        .hasMessageContaining(key("from").toString());

    assertThat(status(string("to")).type()).isEqualTo(Type.LIST);
  }

  @Test
  default void aMoveOfNoKeyToItselfIsAConflict() {
    assertThatThrownBy(() -> commit(new MoveKey(key("k"), key("k"))))
        .isInstanceOf(ConflictException.class);
  }
}
