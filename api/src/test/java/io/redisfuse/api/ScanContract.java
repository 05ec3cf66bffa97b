package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Change.DeleteKey;
import io.redisfuse.api.Change.Put;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Backend#scan}. */
interface ScanContract extends ContractFixture {

  private Map<Bytes, Type> scanned(Bytes prefix) {
    Map<Bytes, Type> seen = new HashMap<>();
    backend()
        .scan(
            prefix,
            (key, type) -> {
              seen.put(key, type);
              return true;
            });
    return seen;
  }

  @Test
  default void aScanVisitsKeysOfEveryTypeWithTheirTypes() {
    Map<Bytes, Type> made = new HashMap<>();
    for (Type type : EnumSet.complementOf(EnumSet.of(Type.OTHER))) {
      make(type, key(type.name()));
      made.put(key(type.name()), type);
    }

    assertThat(scanned(prefix())).isEqualTo(made);
  }

  @Test
  default void aScanOfNothingVisitsNothing() {
    assertThat(scanned(prefix())).isEmpty();
  }

  @Test
  default void aScanVisitsOnlyWhatStartsWithThePrefix() {
    put(string("a:1"), "");
    put(string("a:"), "");
    put(string("a"), "");
    put(string("b:a:1"), "");

    assertThat(scanned(key("a:"))).containsOnlyKeys(key("a:1"), key("a:"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "?", "[ab]", "[^a]", "[", "]", "\\", "\\*", "a*", "\\", "a-[b-c]?"})
  default void aScanTakesItsPrefixLiterally(String special) {
    put(string(special), "");
    put(string(special + "x"), "");
    for (String other : List.of("a", "b", "ab", "ax", "x", "\\x", "a-bx", "^a")) {
      put(string("other" + other), "");
      put(string(other), "");
    }

    Map<Bytes, Type> seen = scanned(key(special));

    assertThat(seen).containsKeys(key(special), key(special + "x"));
    assertThat(seen.keySet()).allMatch(key -> key.startsWith(key(special)));
  }

  @Test
  default void aScanOfTheEmptyPrefixVisitsEverything() {
    put(string("here"), "");

    assertThat(scanned(Bytes.EMPTY)).containsEntry(key("here"), Type.STRING);
  }

  @Test
  default void aScanStopsWhenTheVisitorSaysSo() {
    for (int i = 0; i < 50; i++) {
      put(string("key" + i), "");
    }
    AtomicInteger visits = new AtomicInteger();

    backend().scan(prefix(), (key, type) -> visits.incrementAndGet() < 10);

    assertThat(visits).hasValue(10);
  }

  @Test
  default void aVisitorMayUseTheBackend() {
    for (int i = 0; i < 2_000; i++) {
      put(string("key" + i), "");
    }

    backend()
        .scan(
            prefix(),
            (key, type) -> {
              commit(new DeleteKey(key));
              return true;
            });

    assertThat(scanned(prefix())).isEmpty();
  }

  @Test
  default void aVisitorsExceptionEndsTheScan() {
    put(string("key"), "");
    IllegalStateException mine = new IllegalStateException("mine");

    assertThatThrownBy(
            () ->
                backend()
                    .scan(
                        prefix(),
                        (key, type) -> {
                          throw mine;
                        }))
        .isSameAs(mine);

    assertHolds(string("key"), "");
  }

  @Test
  default void aScanSkipsExpiredKeys() {
    put(string("mayfly"), "");
    expire(key("mayfly"), Duration.ofMillis(20));

    Awaitility.await().until(() -> scanned(prefix()).isEmpty());
  }

  @Test
  default void aScanMissesNoKeyThatIsThereThroughoutWhileOthersComeAndGo() throws Exception {
    Set<Bytes> steady = new HashSet<>();
    for (Bytes name : ContractFixture.numbered("steady", 3_000)) {
      put(Cell.string(key(name)), name);
      steady.add(key(name));
    }

    Rivals.race(
        2,
        rival -> {
          if (rival == 0) {
            for (int i = 0; i < 3_000; i++) {
              Cell passing = string("passing" + i);
              another().commit(Transaction.of(new Put(passing, Bytes.EMPTY)));
              if (i % 2 == 0) {
                another().commit(Transaction.of(new DeleteKey(passing.key())));
              }
            }
          } else {
            for (int i = 0; i < 5; i++) {
              assertThat(scanned(prefix()).keySet()).containsAll(steady);
            }
          }
          return true;
        });
  }
}
