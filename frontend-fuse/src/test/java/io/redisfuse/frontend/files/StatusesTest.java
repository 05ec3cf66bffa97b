package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That what was said a moment ago counts only while nothing has changed. */
class StatusesTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Cell CELL = Cell.string(KEY);
  private static final Cell OTHER = Cell.string(Bytes.utf8("other"));

  private final MemoryBackend store = new MemoryBackend();
  private final AtomicLong nanos = new AtomicLong();
  private final Statuses statuses = new Statuses(store, nanos::get);

  @AfterEach
  void close() {
    store.close();
  }

  private void set(String content) {
    store.commit(Transaction.of(new Change.Put(CELL, Bytes.utf8(content))));
  }

  private Optional<OptionalLong> sizeOf(Cell cell) {
    return statuses
        .find(List.of(cell))
        .map(found -> Optional.ofNullable(found.get(cell)))
        .map(status -> status.map(CellStatus::size).orElse(OptionalLong.of(-1)));
  }

  @Test
  void whatWasSaidIsKnown() {
    set("abc");
    assertThat(sizeOf(CELL)).isEmpty();
    statuses.ask(List.of(CELL, OTHER));
    assertThat(sizeOf(CELL)).contains(OptionalLong.of(3));
    assertThat(sizeOf(OTHER)).as("that it is not there").contains(OptionalLong.of(-1));
    assertThat(statuses.find(List.of(CELL, Cell.string(Bytes.utf8("third")))))
        .as("not all is known")
        .isEmpty();
  }

  @Test
  void aChangeEndsIt() {
    set("abc");
    Cell field = Cell.field(KEY, Bytes.utf8("field"));
    statuses.ask(List.of(CELL, field, OTHER));
    statuses.changed(KEY);
    assertThat(sizeOf(CELL)).isEmpty();
    assertThat(sizeOf(field)).isEmpty();
    assertThat(sizeOf(OTHER)).isPresent();
    statuses.reset();
    assertThat(sizeOf(OTHER)).isEmpty();
  }

  @Test
  void aChangeWhileTheQuestionIsOnItsWayEndsIt() {
    for (boolean all : new boolean[] {false, true}) {
      set("abc");
      Statuses[] asked = new Statuses[1];
      Statuses late =
          new Statuses(
              meanwhile(
                  () -> {
                    if (all) {
                      asked[0].reset();
                    } else {
                      asked[0].changed(KEY);
                    }
                  }),
              nanos::get);
      asked[0] = late;
      assertThat(late.ask(List.of(CELL, OTHER))).containsKey(CELL);
      assertThat(late.find(List.of(CELL))).isEmpty();
      assertThat(late.find(List.of(OTHER)).isPresent()).isEqualTo(!all);
    }
  }

  /** The store, where something happens after the answer was made and before it arrives. */
  private Backend meanwhile(Runnable action) {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              Object answer = method.invoke(store, arguments);
              action.run();
              return answer;
            });
  }

  @Test
  void itEndsAfterASecond() {
    set("abc");
    statuses.ask(List.of(CELL));
    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    statuses.sweep();
    assertThat(sizeOf(CELL)).isPresent();
    nanos.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(sizeOf(CELL)).isEmpty();
    statuses.sweep();
    nanos.addAndGet(-Duration.ofMillis(500).toNanos());
    assertThat(sizeOf(CELL)).as("let go").isEmpty();
  }

  @Test
  void aKeyThatExpiresIsNotKnownForLonger() {
    set("abc");
    store.commit(Transaction.of(new Change.Expire(KEY, Optional.of(Duration.ofMillis(600)))));
    statuses.ask(List.of(CELL));
    nanos.addAndGet(Duration.ofMillis(100).toNanos());
    Map<Cell, CellStatus> found = statuses.find(List.of(CELL)).orElseThrow();
    assertThat(found.get(CELL).ttl().orElseThrow())
        .isBetween(Duration.ZERO, Duration.ofMillis(500));
    nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(sizeOf(CELL)).isEmpty();
  }

  @Test
  void thereAreNeverTooMany() {
    for (int i = 0; i < 200; i++) {
      int start = i * 1_000;
      List<Cell> cells =
          IntStream.range(start, start + 1_000)
              .<Cell>mapToObj(n -> Cell.string(Bytes.utf8("key" + n)))
              .toList();
      statuses.ask(cells);
      assertThat(statuses.find(cells)).isPresent();
      assertThat(statuses.size()).isLessThanOrEqualTo(50_000);
    }
    assertThat(statuses.size()).isGreaterThan(1_000);
  }
}
