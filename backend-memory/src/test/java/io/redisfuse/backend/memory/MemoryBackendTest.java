package io.redisfuse.backend.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element.FieldValue;
import io.redisfuse.api.Element.ListItem;
import io.redisfuse.api.Element.Member;
import io.redisfuse.api.Element.ScoredMember;
import io.redisfuse.api.Element.StreamEntry;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the memory backend does beyond the contract. */
final class MemoryBackendTest {

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Cell CELL = Cell.string(KEY);
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes B = Bytes.utf8("b");

  private final SettableClock clock = new SettableClock();
  private final MemoryBackend backend = new MemoryBackend(clock);

  private void put(Cell cell, String content) {
    backend.commit(Transaction.of(new Change.Put(cell, Bytes.utf8(content))));
  }

  private void expire(Bytes key, Duration ttl) {
    backend.commit(Transaction.of(new Change.Expire(key, Optional.of(ttl))));
  }

  @Test
  void aKeyLivesUntilTheLastMillisecondOfItsTtl() {
    put(CELL, "content");
    expire(KEY, Duration.ofMinutes(1));

    clock.advance(Duration.ofMillis(59_999));
    assertThat(backend.read(CELL)).isPresent();
    assertThat(backend.describe(List.of(CELL)).get(CELL).ttl()).contains(Duration.ofMillis(1));

    clock.advance(Duration.ofMillis(1));
    assertThat(backend.read(CELL)).isEmpty();
    assertThat(backend.describe(List.of(CELL))).isEmpty();
  }

  @Test
  void aTtlRunsFromTheMomentThatItIsSet() {
    put(CELL, "content");
    expire(KEY, Duration.ofMinutes(1));
    clock.advance(Duration.ofSeconds(50));
    expire(KEY, Duration.ofMinutes(1));
    clock.advance(Duration.ofSeconds(50));

    assertThat(backend.read(CELL)).isPresent();
  }

  @Test
  void theNextCommitTakesOutWhatHasExpired() {
    for (int i = 0; i < 100; i++) {
      Bytes key = Bytes.utf8("key" + i);
      put(Cell.field(key, A), "content");
      expire(key, Duration.ofMinutes(1 + i));
    }
    clock.advance(Duration.ofMinutes(50));

    put(CELL, "content");

    List<Bytes> left = new ArrayList<>();
    backend.scan(Bytes.EMPTY, (key, type) -> left.add(key));
    assertThat(left).hasSize(51);
    clock.advance(Duration.ofDays(-1));
    assertThat(backend.read(Cell.field(Bytes.utf8("key0"), A))).isEmpty();
    assertThat(backend.read(Cell.field(Bytes.utf8("key99"), A))).isPresent();
  }

  @Test
  void aScanIsOfOneMomentAndInOrder() {
    put(Cell.string(B), "");
    put(Cell.string(A), "");
    List<Bytes> seen = new ArrayList<>();

    backend.scan(
        Bytes.EMPTY,
        (key, type) -> {
          put(Cell.string(key.concat(B)), "");
          return seen.add(key);
        });

    assertThat(seen).containsExactly(A, B);
  }

  @Test
  void collectionsReplaceWhatTheKeyHeldAndItsTtl() {
    put(CELL, "content");
    expire(KEY, Duration.ofMinutes(1));

    backend.putList(KEY, List.of(B, A, B));

    assertThat(backend.elements(KEY))
        .containsExactly(new ListItem(B), new ListItem(A), new ListItem(B));
    assertThat(backend.describe(List.of(CELL)).get(CELL).ttl()).isEmpty();
  }

  @Test
  void aSetDropsWhatComesTwice() {
    backend.putSet(KEY, List.of(A, B, A));

    assertThat(backend.elements(KEY)).containsExactlyInAnyOrder(new Member(A), new Member(B));
  }

  @Test
  void ofASortedSetTheLastScoreOfAMemberCounts() {
    backend.putSortedSet(
        KEY, List.of(new ScoredMember(1, A), new ScoredMember(2, B), new ScoredMember(3, A)));

    assertThat(backend.elements(KEY))
        .containsExactly(new ScoredMember(2, B), new ScoredMember(3, A));
  }

  @Test
  void emptyCollectionsAreNoKeys() {
    put(Cell.string(A), "");
    backend.putList(A, List.of());
    backend.putSet(KEY, List.of());
    backend.putSortedSet(KEY, List.of());
    backend.putStream(KEY, List.of());

    assertThat(backend.describe(List.of(CELL, Cell.string(A)))).isEmpty();
  }

  @Test
  void aScoreThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> backend.putSortedSet(KEY, List.of(new ScoredMember(Double.NaN, A))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aStreamWhoseIdsDoNotRiseIsRefused() {
    List<FieldValue> fields = List.of(new FieldValue(A, B));
    for (List<String> ids :
        List.of(
            List.of("1-1", "1-1"),
            List.of("10-0", "9-0"),
            List.of("0-0"),
            List.of("1"),
            List.of("a-b"),
            List.of("1-*"))) {
      List<StreamEntry> entries = ids.stream().map(id -> new StreamEntry(id, fields)).toList();
      assertThatThrownBy(() -> backend.putStream(KEY, entries))
          .as("%s", ids)
          .isInstanceOf(IllegalArgumentException.class);
    }
    backend.putStream(
        KEY,
        List.of(new StreamEntry("9-9", fields), new StreamEntry("18446744073709551615-1", fields)));
    assertThat(backend.elements(KEY)).hasSize(2);
  }

  @Test
  void aKeyOfAModulesTypeIsListedAndMovedButNotRead() {
    backend.putOther(KEY);

    assertThat(backend.describe(List.of(CELL)).get(CELL).type()).isEqualTo(Type.OTHER);
    assertThat(backend.describe(List.of(CELL)).get(CELL).size()).isEmpty();
    assertThatThrownBy(() -> backend.read(CELL)).hasMessageContaining("OTHER");
    assertThatThrownBy(() -> backend.elements(KEY)).hasMessageContaining("OTHER");
    backend.commit(Transaction.of(new Change.MoveKey(KEY, A)));
    List<Type> types = new ArrayList<>();
    backend.scan(A, (key, type) -> types.add(type));
    assertThat(types).containsExactly(Type.OTHER);
  }

  @Test
  void backendsOfOneStoreShareItsKeysAndNoneOfAnother() {
    MemoryBackend another = backend.openAnother();
    put(CELL, "content");

    assertThat(another.read(CELL)).contains(Snapshot.of(Bytes.utf8("content")));
    try (MemoryBackend stranger = new MemoryBackend()) {
      assertThat(stranger.read(CELL)).isEmpty();
    }
  }

  @Test
  void aClosedBackendSaysSoAndLeavesTheOthersOpen() {
    MemoryBackend another = backend.openAnother();
    put(CELL, "content");
    another.close();

    assertThatThrownBy(() -> another.read(CELL))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> another.commit(Transaction.of()))
        .isInstanceOf(BackendUnavailableException.class);
    assertThat(backend.version(CELL)).isEqualTo(Version.of(Bytes.utf8("content")));
  }

  @Test
  void durabilityThatMemoryDoesNotHaveIsRefused() {
    for (Durability durability :
        List.of(new Durability.Replicas(1), new Durability.AppendOnlyFile())) {
      assertThatThrownBy(() -> backend.sync(durability))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.UNSUPPORTED));
    }
  }
}
