package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.Put;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#fields}. */
interface FieldsContract extends ContractFixture {

  @Test
  default void aHashHasItsFieldsWithTheirSizes() {
    put(field("h", "a"), "");
    put(field("h", "b"), "two");
    put(field("h", ""), "empty");

    assertThat(fields("h"))
        .containsExactlyInAnyOrder(
            new FieldStatus(Bytes.utf8("a"), 0),
            new FieldStatus(Bytes.utf8("b"), 3),
            new FieldStatus(Bytes.EMPTY, 5));
  }

  private List<FieldStatus> fields(String name) {
    Map<Bytes, List<FieldStatus>> fields = backend().fields(List.of(key(name)));
    assertThat(fields).containsOnlyKeys(key(name));
    return fields.get(key(name));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"HASH", "OTHER"})
  default void whatIsNoHashIsLeftOut(Type type) {
    make(type, key("k"));
    put(field("h", "f"), "");

    assertThat(backend().fields(List.of(key("k"), key("none"), key("h"))))
        .containsOnlyKeys(key("h"));
  }

  @Test
  default void noKeysHaveNoFields() {
    assertThat(backend().fields(List.of())).isEmpty();
  }

  @Test
  default void thousandsOfFieldsAreEachListedOnce() {
    Set<FieldStatus> expected = new HashSet<>();
    Transaction.Builder transaction = Transaction.builder();
    for (int i = 0; i < 5_000; i++) {
      Bytes name = Bytes.utf8("field" + i);
      Bytes content = ContractFixture.random(i % 300);
      transaction.put(Cell.field(key("h"), name), content);
      expected.add(new FieldStatus(name, content.length()));
    }
    backend().commit(transaction.build());

    List<FieldStatus> fields = fields("h");
    assertThat(fields).hasSize(5_000);
    assertThat(new HashSet<>(fields)).isEqualTo(expected);
  }

  @Test
  default void thousandsOfHashesAreListedAtOnce() {
    List<Bytes> keys = new ArrayList<>();
    Transaction.Builder transaction = Transaction.builder();
    for (int i = 0; i < 3_000; i++) {
      keys.add(key("h" + i));
      transaction.put(field("h" + i, "f" + i), Bytes.utf8("content"));
    }
    backend().commit(transaction.build());

    Map<Bytes, List<FieldStatus>> fields = backend().fields(keys);

    assertThat(fields).hasSize(3_000);
    for (int i = 0; i < 3_000; i++) {
      assertThat(fields.get(key("h" + i))).containsExactly(new FieldStatus(Bytes.utf8("f" + i), 7));
    }
  }

  @Test
  default void aFieldThatIsThereThroughoutIsNotMissingWhileOthersComeAndGo() throws Exception {
    Set<Bytes> steady = new HashSet<>(ContractFixture.numbered("steady", 1_500));
    Transaction.Builder transaction = Transaction.builder();
    steady.forEach(name -> transaction.put(Cell.field(key("h"), name), name));
    backend().commit(transaction.build());

    Rivals.race(
        2,
        rival -> {
          if (rival == 0) {
            for (int i = 0; i < 2_000; i++) {
              Cell passing = field("h", "passing" + i);
              another().commit(Transaction.of(new Put(passing, Bytes.EMPTY)));
              if (i % 2 == 0) {
                another().commit(Transaction.of(new Delete(passing)));
              }
            }
          } else {
            for (int i = 0; i < 30; i++) {
              List<Bytes> names = fields("h").stream().map(FieldStatus::field).toList();
              assertThat(new HashSet<>(names)).hasSameSizeAs(names).containsAll(steady);
            }
          }
          return true;
        });
  }
}
