package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.MoveKey;
import io.redisfuse.api.Change.Patch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, fields and values are bytes, any bytes. */
interface BinaryContract extends ContractFixture {

  @Test
  default void keysFieldsAndValuesHoldAllBytes() throws Exception {
    Bytes all = ContractFixture.allBytes();
    Cell string = Cell.string(key(all));
    Cell field = Cell.field(key(Bytes.utf8("hash").concat(all)), all);

    for (Cell cell : List.of(string, field)) {
      put(cell, all);

      assertHolds(cell, all);
      assertThat(backend().read(cell, 250, 100)).contains(new Range(all.slice(250), 256));
      CollectingSink sink = new CollectingSink();
      assertThat(backend().read(cell, sink)).contains(Version.of(all));
      assertThat(sink.content()).isEqualTo(all);
      assertThat(status(cell).size()).hasValue(256);
      commit(new Append(cell, all), new Patch(cell, 10, all));
      assertHolds(cell, ContractFixture.patched(all.concat(all), 10, all));
    }
    assertThat(backend().fields(List.of(field.key())).get(field.key()))
        .containsExactly(new FieldStatus(all, 512));
  }

  @Test
  default void everySingleByteIsAKeyAndAFieldOfItsOwn() {
    Transaction.Builder transaction = Transaction.builder();
    Set<Bytes> keys = new HashSet<>();
    List<FieldStatus> fields = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      Bytes single = Bytes.wrap(new byte[] {(byte) i});
      Bytes key = key(Bytes.utf8("s").concat(single));
      keys.add(key);
      fields.add(new FieldStatus(single, 1));
      transaction.put(Cell.string(key), single).put(Cell.field(key("h"), single), single);
    }
    backend().commit(transaction.build());

    Set<Bytes> seen = new HashSet<>();
    backend().scan(key("s"), (key, type) -> seen.add(key) || true);
    assertThat(seen).isEqualTo(keys);
    assertThat(backend().fields(List.of(key("h"))).get(key("h")))
        .containsExactlyInAnyOrderElementsOf(fields);
    for (Bytes key : keys) {
      assertHolds(Cell.string(key), key.slice(key.length() - 1));
    }
  }

  @Test
  default void theEmptyFieldIsAFieldLikeAnyOther() {
    Cell empty = field("h", "");
    put(empty, "content");

    assertHolds(empty, "content");
    assertThat(status(empty).size()).hasValue(7);
    commit(new Move(empty, string("to")));
    assertHolds(string("to"), "content");
    assertNoKey(key("h"));
  }

  @ParameterizedTest
  @EnumSource
  default void theEmptyKeyIsAKeyLikeAnyOther(CellKind kind) {
    Cell cell = kind.of(Bytes.EMPTY);
    commit(new DeleteKey(Bytes.EMPTY));
    try {
      backend()
          .commit(
              Transaction.builder()
                  .expect(cell, Version.ABSENT)
                  .put(cell, Bytes.utf8("content"))
                  .build());

      assertHolds(cell, "content");
      expire(Bytes.EMPTY, HOUR);
      assertExpiresInAnHour(Bytes.EMPTY);
      List<Bytes> seen = new ArrayList<>();
      backend().scan(Bytes.EMPTY, (key, type) -> !key.isEmpty() || !seen.add(key));
      assertThat(seen).containsExactly(Bytes.EMPTY);
    } finally {
      commit(new DeleteKey(Bytes.EMPTY));
    }
    assertAbsent(cell);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":", "a:", "a::", ":a", "::", "a::b", "a b", " ", "\n", "\r\n", "a\nb", "%", "%2F", "/",
        ".", "..", "*", "?", "[a]", "[", "\\", "\\*", "{", "}", "{}", "'", "\"", "\0", "ümläut",
        "日本", "🎈"
      })
  default void keysAndFieldsAreTakenLiterally(String name) {
    for (Cell cell : List.of(string(name), field("h", name))) {
      put(cell, name);

      assertHolds(cell, name);
      assertThat(status(cell).size()).hasValue(Bytes.utf8(name).length());
    }
    Cell hash = field("hash" + name, name);
    put(hash, name);
    commit(new MoveKey(hash.key(), key("moved" + name)), new Move(string(name), string("to")));

    assertHolds(field("moved" + name, name), name);
    assertNoKey(hash.key());
    assertNoKey(key(name));
    assertHolds(string("to"), name);
  }
}
