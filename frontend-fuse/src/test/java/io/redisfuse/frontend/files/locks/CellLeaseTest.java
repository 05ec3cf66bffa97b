package io.redisfuse.frontend.files.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CellLeaseTest {

  private static final Duration LIFE = Duration.ofSeconds(10);
  private static final Cell CELL = Cell.string(Bytes.utf8("note"));

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final MemoryBackend backend = new MemoryBackend(now::get);
  private final AtomicInteger nonces = new AtomicInteger();
  private final CellLease one = lease("one");
  private final CellLease two = lease("two");

  private CellLease lease(String mount) {
    return new CellLease(
        backend, CELL, mount, "host", LIFE, () -> Bytes.utf8("nonce" + nonces.incrementAndGet()));
  }

  private static Lock lock(LockType type, long first, long last) {
    return new Lock(LockKind.RECORD, type, new LockRange(first, last), 1, 1001, 101);
  }

  private static boolean takes(CellLease lease, Lock lock) {
    return lease.take(lock, List.of(lock)).isEmpty();
  }

  private List<String> keys() {
    return KnownFiles.keys(backend);
  }

  private void pass(Duration time) {
    now.updateAndGet(then -> then.plus(time));
  }

  private void save(Optional<Expectation> fence, String text) {
    Transaction.Builder transaction = Transaction.builder().put(CELL, Bytes.utf8(text));
    fence.ifPresent(expected -> transaction.expect(expected.cell(), expected.version()));
    backend.commit(transaction.build());
  }

  @Test
  void whatOneMountHoldsExcludesOthersWhereTheyOverlap() {
    assertThat(takes(one, lock(LockType.EXCLUSIVE, 0, 9))).isTrue();
    assertThat(takes(two, lock(LockType.SHARED, 9, 20))).isFalse();
    assertThat(takes(two, lock(LockType.SHARED, 10, 20))).isTrue();
    assertThat(two.obstacle(lock(LockType.SHARED, 0, 5)))
        .hasValueSatisfying(line -> assertThat(line.lock().range()).isEqualTo(new LockRange(0, 9)));
  }

  @Test
  void manyMountsShare() {
    assertThat(takes(one, lock(LockType.SHARED, 0, 9))).isTrue();
    assertThat(takes(two, lock(LockType.SHARED, 0, 9))).isTrue();
    assertThat(takes(lease("three"), lock(LockType.EXCLUSIVE, 0, 0))).isFalse();
  }

  @Test
  void nothingStaysBehind() {
    takes(one, lock(LockType.SHARED, 0, 9));
    takes(two, lock(LockType.SHARED, 0, 9));
    one.keep(List.of());
    assertThat(keys()).hasSize(2);
    two.keep(List.of());
    assertThat(keys()).isEmpty();
  }

  @Test
  void whoseLeaseRunsOutLosesWhatAnotherMountTakes() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    pass(LIFE.minusMillis(1));
    assertThat(takes(two, lock(LockType.EXCLUSIVE, 0, 9))).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(takes(two, lock(LockType.EXCLUSIVE, 0, 9))).isTrue();
    assertThat(one.renew()).isFalse();
    assertThat(one.fence()).isEmpty();
  }

  @Test
  void aRenewedLeaseLivesOn() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    for (int i = 0; i < 10; i++) {
      pass(LIFE.dividedBy(3));
      assertThat(one.renew()).isTrue();
    }
    assertThat(takes(two, lock(LockType.SHARED, 0, 0))).isFalse();
  }

  @Test
  void aGivenBackLockIsFreeAtOnce() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    one.keep(List.of(lock(LockType.EXCLUSIVE, 0, 4)));
    assertThat(takes(two, lock(LockType.EXCLUSIVE, 0, 9))).isFalse();
    assertThat(takes(two, lock(LockType.EXCLUSIVE, 5, 9))).isTrue();
  }

  /** The next commit is applied or not, and nobody knows. */
  private enum Fate {
    APPLIED,
    NOT_APPLIED
  }

  private CellLease uncertain(AtomicReference<Optional<Fate>> next) {
    Backend faulty =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                  Optional<Fate> fate =
                      method.getName().equals("commit")
                          ? next.getAndSet(Optional.empty())
                          : Optional.empty();
                  try {
                    Object answer =
                        fate.equals(Optional.of(Fate.NOT_APPLIED))
                            ? null
                            : method.invoke(backend, arguments);
                    if (fate.isPresent()) {
                      throw new OutcomeUnknownException("lost", /* cause= */ null);
                    }
                    return answer;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new CellLease(
        faulty, CELL, "one", "host", LIFE, () -> Bytes.utf8("n" + nonces.incrementAndGet()));
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void anUnknownOutcomeIsFoundOut(Fate fate) {
    AtomicReference<Optional<Fate>> next = new AtomicReference<>(Optional.of(fate));
    CellLease lease = uncertain(next);
    assertThat(takes(lease, lock(LockType.EXCLUSIVE, 0, 9))).isTrue();
    assertThat(takes(two, lock(LockType.EXCLUSIVE, 0, 9))).isFalse();
    assertThat(lease.renew()).isTrue();
    save(lease.fence(), "fenced");
    next.set(Optional.of(fate));
    lease.keep(List.of());
    assertThat(keys()).containsExactly("note");
  }

  @Test
  void aLateSaveIsRefused() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    Optional<Expectation> fence = one.fence();
    save(fence, "in time");
    pass(LIFE);
    takes(two, lock(LockType.EXCLUSIVE, 0, 9));
    save(two.fence(), "of two");
    assertThatThrownBy(() -> save(fence, "late")).isInstanceOf(ConflictException.class);
    assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(Bytes.utf8("of two"));
  }

  @Test
  void aLeaseThatIsTakenAnewDoesNotLetInASaveUnderTheOneThatWasLost() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    Optional<Expectation> before = one.fence();
    pass(LIFE);
    assertThat(one.renew()).isFalse();
    assertThat(takes(one, lock(LockType.EXCLUSIVE, 0, 9))).isTrue();
    assertThatThrownBy(() -> save(before, "late")).isInstanceOf(ConflictException.class);
    save(one.fence(), "anew");
  }

  @Test
  void nothingIsExpectedOfWhatNobodyLocks() {
    assertThat(one.fence()).isEmpty();
    takes(one, lock(LockType.SHARED, 0, 9));
    assertThat(one.fence()).isPresent();
    one.keep(List.of());
    assertThat(one.fence()).isEmpty();
  }

  @Test
  void whoTakesMoreAfterALossIsTold() {
    Lock first = lock(LockType.EXCLUSIVE, 0, 9);
    Lock second = lock(LockType.EXCLUSIVE, 20, 29);
    takes(one, first);
    pass(LIFE);
    assertThatThrownBy(() -> one.take(second, List.of(first, second)))
        .isInstanceOf(ConflictException.class);
    assertThat(one.fence()).isEmpty();
    assertThat(takes(one, second)).isTrue();
  }

  @Test
  void theTableOfTheDeadIsDroppedByWhoComesNext() {
    takes(one, lock(LockType.EXCLUSIVE, 0, 9));
    pass(LIFE);
    takes(two, lock(LockType.EXCLUSIVE, 100, 109));
    two.keep(List.of());
    assertThat(keys()).isEmpty();
  }

  @Test
  void nobodyIsEverInsideTogetherWithAnother() throws Exception {
    int mounts = 6;
    int rounds = 200;
    AtomicInteger inside = new AtomicInteger();
    CyclicBarrier start = new CyclicBarrier(mounts);
    ExecutorService pool = Executors.newFixedThreadPool(mounts);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int m = 0; m < mounts; m++) {
        CellLease lease = lease("mount" + m);
        all.add(
            pool.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  for (int i = 0; i < rounds; i++) {
                    while (!takes(lease, lock(LockType.EXCLUSIVE, 0, 9))) {
                      Thread.onSpinWait();
                    }
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    inside.decrementAndGet();
                    lease.keep(List.of());
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(keys()).isEmpty();
  }

  @Test
  void theKeysAreInTheSlotOfTheirCell() {
    for (String key : List.of("note", "a{b}c", "{}x", "a:b:c", "é")) {
      for (Cell cell :
          List.of(Cell.string(Bytes.utf8(key)), Cell.field(Bytes.utf8(key), Bytes.utf8("f:{g}")))) {
        LockKeys keys = LockKeys.of(cell);
        int slot = LockKeys.slot(cell.key());
        assertThat(LockKeys.slot(keys.table().key())).isEqualTo(slot);
        assertThat(LockKeys.slot(keys.lease("m").key())).isEqualTo(slot);
      }
    }
    // As CLUSTER KEYSLOT says.
    assertThat(LockKeys.slot(Bytes.utf8("foo"))).isEqualTo(12182);
    assertThat(LockKeys.slot(Bytes.utf8("123456789"))).isEqualTo(12739);
  }

  @Test
  void differentCellsHaveDifferentKeys() {
    assertThat(LockKeys.of(Cell.field(Bytes.utf8("a"), Bytes.utf8("bc"))).encoded())
        .isNotEqualTo(LockKeys.of(Cell.field(Bytes.utf8("ab"), Bytes.utf8("c"))).encoded())
        .isNotEqualTo(LockKeys.of(Cell.string(Bytes.utf8("a:bc"))).encoded());
  }

  @Test
  void aKeyThatIsNoTableIsRefusedRatherThanTakenForAnEmptyOne() {
    backend.commit(
        Transaction.of(new Change.Put(LockKeys.of(CELL).table(), Bytes.utf8("something else\n"))));
    assertThatThrownBy(() -> takes(one, lock(LockType.SHARED, 0, 0)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("remove that key");
  }
}
