package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The three ways to read a cell. */
interface ReadContract extends ContractFixture {

  @ParameterizedTest
  @EnumSource
  default void aCellReadsAsItWasWritten(CellKind kind) throws IOException {
    Cell cell = kind.of(key("k"));
    put(cell, "content");

    assertThat(backend().read(cell)).contains(Snapshot.of(Bytes.utf8("content")));
    assertThat(another().read(cell)).contains(Snapshot.of(Bytes.utf8("content")));
    CollectingSink sink = new CollectingSink();
    assertThat(backend().read(cell, sink)).contains(Version.of(Bytes.utf8("content")));
    assertThat(sink.content()).isEqualTo(Bytes.utf8("content"));
    assertThat(sink.announced()).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource
  default void anAbsentCellReadsAsNothing(CellKind kind) throws IOException {
    Cell cell = kind.of(key("k"));

    assertThat(backend().read(cell)).isEmpty();
    assertThat(backend().read(cell, new CollectingSink())).isEmpty();
    assertThat(backend().read(cell, 0, 10)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  default void anEmptyCellIsNotAbsent(CellKind kind) throws IOException {
    Cell cell = kind.of(key("k"));
    put(cell, "");

    assertThat(backend().read(cell)).contains(Snapshot.of(Bytes.EMPTY));
    CollectingSink sink = new CollectingSink();
    assertThat(backend().read(cell, sink)).contains(Version.of(Bytes.EMPTY));
    assertThat(sink.announced()).isZero();
    assertThat(backend().read(cell, 0, 10)).contains(new Range(Bytes.EMPTY, 0));
    assertThat(backend().read(cell, 5, 10)).contains(new Range(Bytes.EMPTY, 0));
  }

  @ParameterizedTest
  @EnumSource
  default void aFieldThatTheHashLacksReadsAsNothing(CellKind kind) throws IOException {
    put(field("h", "other"), "content");
    Cell cell = field("h", kind.name());

    assertThat(backend().read(cell)).isEmpty();
    assertThat(backend().read(cell, new CollectingSink())).isEmpty();
    assertThat(backend().read(cell, 0, 10)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "STRING,0,4,0123",
    "STRING,3,4,3456",
    "STRING,6,4,6789",
    "STRING,7,4,789",
    "STRING,9,1,9",
    "STRING,10,4,''",
    "STRING,11,4,''",
    "STRING,0,0,''",
    "STRING,5,0,''",
    "STRING,0,10,0123456789",
    "STRING,0,2147483647,0123456789",
    "STRING,9,2147483647,9",
    "STRING,4294967296,7,''",
    "STRING,1099511627776,1,''",
    "FIELD,0,4,0123",
    "FIELD,3,4,3456",
    "FIELD,6,4,6789",
    "FIELD,7,4,789",
    "FIELD,9,1,9",
    "FIELD,10,4,''",
    "FIELD,11,4,''",
    "FIELD,0,0,''",
    "FIELD,5,0,''",
    "FIELD,0,10,0123456789",
    "FIELD,0,2147483647,0123456789",
    "FIELD,9,2147483647,9",
    "FIELD,4294967296,7,''",
    "FIELD,1099511627776,1,''"
  })
  default void aRangeEndsWhereTheCellEnds(CellKind kind, long offset, int length, String part) {
    Cell cell = kind.of(key("k"));
    put(cell, "0123456789");

    assertThat(backend().read(cell, offset, length)).contains(new Range(Bytes.utf8(part), 10));
  }

  @ParameterizedTest
  @EnumSource
  default void aVersionIsThatOfTheContent(CellKind kind) {
    Cell cell = kind.of(key("k"));
    assertThat(backend().version(cell)).isEqualTo(Version.ABSENT);

    put(cell, "");
    assertThat(backend().version(cell)).isEqualTo(Version.of(Bytes.EMPTY));

    put(cell, "content");
    assertThat(backend().version(cell)).isEqualTo(Version.of(Bytes.utf8("content")));
  }

  @ParameterizedTest
  @EnumSource
  default void whatASinkThrowsReachesTheReaderAndDoesNoHarm(CellKind kind) {
    Cell cell = kind.of(key("k"));
    put(cell, "content");
    IOException full = new IOException("the disk is full");
    ContentSink failing =
        new ContentSink() {
          @Override
          public void start(long size) {}

          @Override
          public void accept(ByteBuffer part) throws IOException {
            throw full;
          }
        };

    assertThatThrownBy(() -> backend().read(cell, failing)).isSameAs(full);

    assertHolds(cell, "content");
  }

  @ParameterizedTest
  @EnumSource
  default void anotherSeesACommitWhenItHasReturned(CellKind kind) {
    Cell cell = kind.of(key("k"));
    for (int i = 0; i < 200; i++) {
      Bytes content = Bytes.utf8("content " + i);
      put(cell, content);
      assertThat(another().read(cell)).isEqualTo(Optional.of(Snapshot.of(content)));
    }
  }
}
