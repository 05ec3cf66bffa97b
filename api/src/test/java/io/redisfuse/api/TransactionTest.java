package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Delete;
import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Patch;
import io.redisfuse.api.Change.Put;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Transaction}, {@link Change} and {@link Expectation}: values that check themselves. */
final class TransactionTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Cell CELL = Cell.string(KEY);

  @Test
  void aBuilderKeepsTheOrderOfWhatItWasGiven() {
    Transaction transaction =
        Transaction.builder()
            .change(new Delete(CELL))
            .expect(CELL, Version.ABSENT)
            .put(CELL, Bytes.utf8("one"))
            .expect(Cell.field(KEY, KEY), Version.of(KEY))
            .change(new Append(CELL, KEY))
            .build();

    assertThat(transaction)
        .isEqualTo(
            new Transaction(
                List.of(
                    new Expectation(CELL, Version.ABSENT),
                    new Expectation(Cell.field(KEY, KEY), Version.of(KEY))),
                List.of(
                    new Delete(CELL), new Put(CELL, Bytes.utf8("one")), new Append(CELL, KEY))));
  }

  @Test
  void aTransactionDoesNotChangeWithItsSources() {
    List<Change> changes = new ArrayList<>(List.of(new Delete(CELL)));
    Transaction transaction = new Transaction(List.of(), changes);
    changes.clear();

    assertThat(transaction).isEqualTo(Transaction.of(new Delete(CELL)));
    assertThatThrownBy(() -> transaction.changes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aBuilderMayGoOnAfterItBuilt() {
    Transaction.Builder builder = Transaction.builder().change(new Delete(CELL));
    Transaction first = builder.build();
    builder.change(new Delete(CELL));

    assertThat(first.changes()).hasSize(1);
    assertThat(builder.build().changes()).hasSize(2);
  }

  @Test
  void aPatchBeforeTheStartIsRefused() {
    assertThatThrownBy(() -> new Patch(CELL, -1, KEY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1_000_000, 0, 999_999})
  void aTtlOfLessThanAMillisecondIsRefused(long nanos) {
    assertThatThrownBy(() -> new Expire(KEY, Optional.of(Duration.ofNanos(nanos))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
  void aTtlThatCannotBeCountedInMillisecondsIsRefused(long seconds) {
    assertThatThrownBy(() -> new Expire(KEY, Optional.of(Duration.ofSeconds(seconds))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTtlOfAMillisecondOrForEverIsTaken() {
    Duration shortest = Duration.ofMillis(1);

    assertThat(new Expire(KEY, Optional.of(shortest)).ttl()).contains(shortest);
    assertThat(new Expire(KEY, Optional.empty()).ttl()).isEmpty();
  }
}
