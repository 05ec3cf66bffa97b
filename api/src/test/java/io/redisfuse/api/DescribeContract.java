package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Put;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#describe}. */
interface DescribeContract extends ContractFixture {

  @ParameterizedTest
  @CsvSource({"STRING,3", "HASH,2", "LIST,3", "SET,2", "SORTED_SET,2", "STREAM,1"})
  default void aStringCellSaysTheTypeAndSizeOfItsKeyWhateverItHolds(Type type, long size) {
    make(type, key("k"));

    assertThat(status(string("k")))
        .isEqualTo(new CellStatus(type, OptionalLong.of(size), Optional.empty()));
  }

  @Test
  default void aFieldSaysItsOwnSize() {
    put(field("h", "f"), "four");
    put(field("h", "empty"), "");

    assertThat(status(field("h", "f")).size()).hasValue(4);
    assertThat(status(field("h", "empty")).size()).hasValue(0);
  }

  @Test
  default void aFieldThatTheHashLacksHasATypeButNoSize() {
    put(field("h", "f"), "four");

    assertThat(status(field("h", "g")))
        .isEqualTo(new CellStatus(Type.HASH, OptionalLong.empty(), Optional.empty()));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"HASH", "OTHER"})
  default void aFieldOfWhatIsNoHashHasATypeButNoSize(Type type) {
    make(type, key("k"));

    assertThat(status(field("k", "f")))
        .isEqualTo(new CellStatus(type, OptionalLong.empty(), Optional.empty()));
  }

  @Test
  default void cellsWithoutAKeyAreLeftOut() {
    assertThat(backend().describe(List.of(string("none"), field("none", "f")))).isEmpty();
  }

  @Test
  default void nothingIsDescribedByNothing() {
    assertThat(backend().describe(List.<Cell>of())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER")
  default void aKeyOfAnyTypeSaysItsTtl(Type type) {
    make(type, key("k"));
    expire(key("k"), HOUR);

    assertExpiresInAnHour(key("k"));
    assertThat(status(field("k", "f")).ttl()).isPresent();
  }

  @Test
  default void aCellThatIsAskedTwiceIsAnsweredOnce() {
    put(string("s"), "one");

    assertThat(backend().describe(List.of(string("s"), string("s")))).containsOnlyKeys(string("s"));
  }

  @Test
  default void manyThousandCellsAreDescribedAtOnce() {
    Map<Cell, OptionalLong> expected = new HashMap<>();
    List<Cell> asked = new ArrayList<>();
    Transaction.Builder transaction = Transaction.builder();
    for (int i = 0; i < 10_000; i++) {
      Cell cell = i % 2 == 0 ? string("s" + i) : field("h" + i % 100, "f" + i);
      transaction.change(new Put(cell, ContractFixture.random(i % 50)));
      expected.put(cell, OptionalLong.of(i % 50));
      asked.add(cell);
      asked.add(string("none" + i));
    }
    backend().commit(transaction.build());

    Map<Cell, CellStatus> statuses = backend().describe(asked);

    Map<Cell, OptionalLong> sizes = new HashMap<>();
    statuses.forEach((cell, status) -> sizes.put(cell, status.size()));
    assertThat(sizes).isEqualTo(expected);
  }
}
