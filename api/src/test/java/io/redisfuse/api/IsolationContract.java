package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Move;
import io.redisfuse.api.Change.Put;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody ever sees a part of a transaction, or of a value. */
interface IsolationContract extends ContractFixture {

  /** Runs {@code write} with rising numbers until {@code read} has been run {@code reads} times. */
  private void whileWriting(int reads, Rivals.Work<?> write, Rivals.Work<?> read) throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Rivals.race(
        2,
        rival -> {
          try {
            for (int i = 0; rival == 0 ? !enough.get() : i < reads; i++) {
              (rival == 0 ? write : read).run(i);
            }
          } finally {
            enough.set(true);
          }
          return true;
        });
  }

  private static Bytes filled(int size, int number) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) number);
    return Bytes.wrap(bytes);
  }

  private static boolean isUniform(Bytes content) {
    return content.isEmpty() || content.equals(filled(content.length(), content.at(0)));
  }

  @ParameterizedTest
  @EnumSource
  default void twoCellsChangeAtOneMoment(CellKind kind) throws Exception {
    Cell first = kind.of(key("a"));
    Cell second = field("b", "f");
    commit(new Put(first, Bytes.utf8("0")), new Put(second, Bytes.utf8("0")));

    whileWriting(
        500,
        i -> {
          Bytes number = Bytes.utf8(Integer.toString(i));
          another().commit(Transaction.of(new Put(first, number), new Put(second, number)));
          return i;
        },
        i -> {
          int before = Integer.parseInt(content(first).orElseThrow().toUtf8());
          int after = Integer.parseInt(content(second).orElseThrow().toUtf8());
          assertThat(after).isGreaterThanOrEqualTo(before);
          return i;
        });
  }

  @ParameterizedTest
  @EnumSource
  default void aReadSeesOneMomentOfALargeValue(CellKind kind) throws Exception {
    Cell cell = kind.of(key("k"));
    put(cell, filled(1 << 20, 0));

    whileWriting(
        60,
        i -> {
          another().commit(Transaction.of(new Put(cell, filled((1 << 20) + i % 7, i))));
          return i;
        },
        i -> {
          CollectingSink sink = new CollectingSink();
          Optional<Version> version = backend().read(cell, sink);
          assertThat(isUniform(sink.content())).isTrue();
          assertThat(sink.announced()).isEqualTo(sink.content().length());
          assertThat(version).contains(Version.of(sink.content()));
          Snapshot snapshot = backend().read(cell).orElseThrow();
          assertThat(isUniform(snapshot.content())).isTrue();
          assertThat(snapshot).isEqualTo(Snapshot.of(snapshot.content()));
          return i;
        });
  }

  @ParameterizedTest
  @EnumSource
  default void aRangeIsOfTheMomentOfItsSize(CellKind kind) throws Exception {
    Cell cell = kind.of(key("k"));
    put(cell, filled(10, 0));

    whileWriting(
        500,
        i -> {
          int number = i % 100;
          another().commit(Transaction.of(new Put(cell, filled(10 + number * 20, number))));
          return i;
        },
        i -> {
          Range range = backend().read(cell, 5, 4096).orElseThrow();
          assertThat(isUniform(range.content())).isTrue();
          assertThat(range.size()).isEqualTo(10 + range.content().at(0) * 20L);
          assertThat(range.content().length()).isEqualTo((int) range.size() - 5);
          return i;
        });
  }

  @Test
  default void whatIsMovedToAndFroIsNeverInBothPlacesNorInNone() throws Exception {
    Cell here = string("here");
    Cell there = field("there", "f");
    put(here, "content");

    whileWriting(
        300,
        i -> {
          another()
              .commit(Transaction.of(i % 2 == 0 ? new Move(here, there) : new Move(there, here)));
          return i;
        },
        i -> {
          Version content = Version.of(Bytes.utf8("content"));
          boolean inBoth = holds(here, content, there, content);
          boolean inNone = holds(here, Version.ABSENT, there, Version.ABSENT);
          assertThat(inBoth || inNone).isFalse();
          return i;
        });
  }

  /** Whether two cells hold two versions at one moment. */
  private boolean holds(Cell first, Version one, Cell second, Version two) {
    try {
      backend().commit(Transaction.builder().expect(first, one).expect(second, two).build());
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }
}
