package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of no byte to 64 MiB. */
interface LargeValueContract extends ContractFixture {

  int MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({"STRING,0", "STRING,1", "STRING,1048576", "FIELD,0", "FIELD,1", "FIELD,1048576"})
  default void aValueOfAnySizeIsReadInEveryWay(CellKind kind, int size) throws Exception {
    Cell cell = kind.of(key("k"));
    Bytes content = ContractFixture.random(size);
    put(cell, content);
    assertReadInEveryWay(cell, content);
    for (int length : new int[] {0, 1, 4096, 128 * 1024}) {
      assertPartsRead(cell, content, length);
    }
  }

  @ParameterizedTest
  @CsvSource({"STRING", "FIELD"})
  default void aValueOf64MibIsReadInEveryWay(CellKind kind) throws Exception {
    Cell cell = kind.of(key("k"));
    Bytes content = ContractFixture.random(64 * MIB);
    put(cell, content);
    assertReadInEveryWay(cell, content);
    // A store may have no better way to get a part of a field than to get all of it.
    assertPartsRead(cell, content, 128 * 1024);
  }

  private void assertReadInEveryWay(Cell cell, Bytes content) throws Exception {
    assertThat(status(cell).size()).hasValue(content.length());
    assertHolds(cell, content);
    assertThat(backend().version(cell)).isEqualTo(Version.of(content));
    ComparingSink sink = new ComparingSink(content);
    assertThat(backend().read(cell, sink)).contains(Version.of(content));
    assertThat(sink.matches()).isTrue();
  }

  private void assertPartsRead(Cell cell, Bytes content, int length) {
    int size = content.length();
    for (int offset : new int[] {0, 1, size / 2, size - 1, size, size + 1}) {
      int start = Math.max(0, Math.min(offset, size));
      Bytes part = content.slice(start, Math.min(size, start + length));
      assertThat(backend().read(cell, start, length))
          .as("%s bytes at %s", length, start)
          .isEqualTo(Optional.of(new Range(part, size)));
    }
  }

  @ParameterizedTest
  @CsvSource({"STRING,1048576", "STRING,67108864", "FIELD,1048576"})
  default void aLargeValueIsPatchedAndAppendedTo(CellKind kind, int size) {
    Cell cell = kind.of(key("k"));
    Bytes content = ContractFixture.random(size);
    Bytes part = ContractFixture.random(1000);
    put(cell, content);

    commit(new Patch(cell, size / 2, part));
    content = ContractFixture.patched(content, size / 2, part);
    assertThat(backend().read(cell, size / 2 - 10, 1020))
        .contains(new Range(content.slice(size / 2 - 10, size / 2 + 1010), size));

    commit(new Append(cell, part));
    content = content.concat(part);
    assertThat(backend().read(cell, size - 10, 2000))
        .contains(new Range(content.slice(size - 10), size + 1000));

    commit(new Patch(cell, size + 990, part));
    content = ContractFixture.patched(content, size + 990, part);
    assertHolds(cell, content);
  }

  @ParameterizedTest
  @CsvSource({"STRING,1048576", "STRING,67108864", "FIELD,1048576", "FIELD,67108864"})
  default void aLargeValueIsExpected(CellKind kind, int size) {
    Cell cell = kind.of(key("k"));
    Bytes content = ContractFixture.random(size);
    Bytes other = ContractFixture.patched(content, size - 1, Bytes.utf8("!"));
    Bytes last = content.slice(size - 1);
    put(cell, other);

    assertThatThrownBy(
            () ->
                backend()
                    .commit(
                        Transaction.builder()
                            .expect(cell, Version.of(content))
                            .change(new Append(cell, Bytes.utf8("mine")))
                            .build()))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.found()).isEqualTo(Version.of(other)));
    assertThat(status(cell).size()).hasValue(size);

    backend()
        .commit(
            Transaction.builder()
                .expect(cell, Version.of(other))
                .change(new Patch(cell, size - 1, last))
                .build());
    backend().commit(Transaction.builder().expect(cell, Version.of(content)).build());
  }

  @ParameterizedTest
  @CsvSource({"STRING,STRING", "STRING,FIELD", "FIELD,STRING", "FIELD,FIELD"})
  default void aLargeValueMoves(CellKind source, CellKind target) {
    Cell from = source.of(key("from"));
    Cell to = target.of(key("to"));
    Bytes content = ContractFixture.random(4 * MIB);
    put(from, content);

    commit(new Move(from, to));

    assertAbsent(from);
    assertHolds(to, content);
  }

  @Test
  default void aLargeGapIsFilledWithZeros() {
    commit(new Patch(string("s"), 64L * MIB, Bytes.utf8("end")));

    assertThat(status(string("s")).size()).hasValue(64L * MIB + 3);
    assertThat(backend().read(string("s"), 64L * MIB - 2, 10))
        .contains(new Range(Bytes.utf8("\0\0end"), 64L * MIB + 3));
  }

  @ParameterizedTest
  @CsvSource({"STRING,1099511627776", "FIELD,1099511627776", "STRING,9223372036854775807"})
  default void whatNoStoreHoldsIsRefusedAndUndoesAll(CellKind kind, long offset) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    assertThatThrownBy(
            () ->
                commit(
                    new Put(string("s"), Bytes.utf8("new")),
                    new Patch(cell, offset, Bytes.utf8("end"))))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.TOO_LARGE))
        .hasMessageContaining(key("k").toString());

    assertHolds(cell, "content");
    assertNoKey(key("s"));
  }

  /** Compares what comes with what should, so that a test needs no second copy. */
  final class ComparingSink implements ContentSink {
    private final ByteBuffer expected;
    private boolean differs;
    private boolean started;

    ComparingSink(Bytes expected) {
      this.expected = expected.asByteBuffer();
    }

    @Override
    public void start(long size) {
      started = true;
      differs = size != expected.capacity();
      expected.rewind();
    }

    @Override
    public void accept(ByteBuffer part) {
      int length = part.remaining();
      differs |=
          length > expected.remaining()
              || !expected.slice(expected.position(), length).equals(part);
      expected.position(Math.min(expected.limit(), expected.position() + length));
      part.position(part.limit());
    }

    boolean matches() {
      return started && !differs && !expected.hasRemaining();
    }
  }
}
