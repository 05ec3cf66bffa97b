package io.redisfuse.frontend.files.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Locks that several mounts of one store share. */
class SharedLocksTest {

  private static final Duration LIFE = Duration.ofSeconds(2);
  private static final long NODE = 7;
  private static final long OTHER_NODE = 8;
  private static final long THIRD_NODE = 9;

  private final MemoryBackend backend = new MemoryBackend();
  private final List<String> done = new ArrayList<>();
  private final List<SharedLocks> mounts = new ArrayList<>();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  /** What the store of the first mount does instead of answering. */
  private final AtomicReference<BackendException> failure = new AtomicReference<>();

  private final SharedLocks one = mount(failing());
  private final SharedLocks two = mount(backend);
  private final SharedLocks three = mount(backend);

  private SharedLocks mount(Backend store) {
    KnownFiles files =
        new KnownFiles(handle -> note("save " + handle), handle -> note("refresh " + handle));
    SharedLocks locks = new SharedLocks(store, files, MountIdentity.ofThisProcess(), LIFE, pool);
    mounts.add(locks);
    return locks;
  }

  private void note(String what) {
    synchronized (done) {
      done.add(what);
    }
  }

  private List<String> done() {
    synchronized (done) {
      return List.copyOf(done);
    }
  }

  private Backend failing() {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              BackendException thrown = failure.get();
              if (thrown != null) {
                throw thrown;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @AfterEach
  void close() {
    failure.set(null);
    mounts.forEach(FileLocks::close);
    pool.shutdownNow();
    backend.close();
  }

  private static ConditionFactory patience() {
    return await().pollInterval(Duration.ofMillis(10)).atMost(Duration.ofSeconds(30));
  }

  private static Lock record(LockType type, long first, long last, long owner) {
    return new Lock(
        LockKind.RECORD, type, new LockRange(first, last), owner, (int) owner + 1000, owner + 100);
  }

  private static Lock exclusive(long owner) {
    return record(LockType.EXCLUSIVE, 0, 9, owner);
  }

  private static Lock whole(LockType type, long owner) {
    return new Lock(LockKind.WHOLE, type, LockRange.ALL, owner, (int) owner + 1000, owner + 100);
  }

  private static void giveBack(FileLocks locks, long node, Lock lock) {
    locks.giveBack(node, lock.kind(), lock.owner(), lock.range());
  }

  private static Answer waiter(FileLocks locks, long node, Lock wanted) {
    Answer answer = new Answer();
    locks.await(node, wanted, answer);
    return answer;
  }

  private static Writers through(Lock lock) {
    return new Writers(Set.of(lock.handle()), Set.of());
  }

  private void requireNothingLeft() {
    patience().untilAsserted(() -> assertThat(KnownFiles.keys(backend)).isEmpty());
  }

  @Test
  void whoWaitsGetsWhatAnotherMountGivesBack() {
    assertThat(one.take(NODE, exclusive(1))).isTrue();
    assertThat(two.take(NODE, exclusive(1))).as("of another owner, with the same number").isFalse();
    Answer second = waiter(two, NODE, exclusive(1));
    Answer third = waiter(three, NODE, record(LockType.SHARED, 5, 20, 1));
    assertThat(second.waits() && third.waits()).isTrue();
    giveBack(one, NODE, exclusive(1));
    patience().until(() -> second.isGranted() || third.isGranted());
    (second.isGranted() ? two : three).released(NODE, 101);
    patience().until(() -> second.isGranted() && third.isGranted());
    two.released(NODE, 101);
    three.released(NODE, 101);
    requireNothingLeft();
  }

  @Test
  void whatIsInTheWayIsSeenFromAnotherMount() {
    Lock held = record(LockType.EXCLUSIVE, 10, 19, 1);
    one.take(NODE, held);
    assertThat(two.obstacle(NODE, record(LockType.SHARED, 0, 10, 2)))
        .hasValueSatisfying(
            seen -> {
              assertThat(seen.range()).isEqualTo(held.range());
              assertThat(seen.process()).as("of the same host").isEqualTo(held.process());
            });
    assertThat(two.obstacle(NODE, record(LockType.SHARED, 0, 9, 2))).isEmpty();
    assertThat(two.areUsed(NODE)).as("to look leaves nothing behind").isFalse();
  }

  @Test
  void filesOfThisMachineAreLockedHereOnly() {
    assertThat(one.take(-1, exclusive(1))).isTrue();
    assertThat(one.take(-1, exclusive(2))).isFalse();
    assertThat(two.take(-1, exclusive(2))).isTrue();
    assertThat(KnownFiles.keys(backend)).isEmpty();
  }

  @Test
  void whatWasWrittenIsSavedBeforeALockIsGivenBackOrBecomesWeaker() {
    one.take(NODE, exclusive(1));
    one.take(NODE, record(LockType.SHARED, 0, 4, 1));
    one.giveBack(NODE, LockKind.RECORD, 1, LockRange.ALL);
    assertThat(done()).containsExactly("refresh 101", "save 101", "refresh 101", "save 101");
  }

  @Test
  void whoGetsALockSeesWhatWasDoneBeforeHeIsTold() {
    one.take(NODE, exclusive(1));
    List<String> seen = new ArrayList<>();
    CountDownLatch told = new CountDownLatch(1);
    two.await(
        NODE,
        exclusive(2),
        new LockAnswer() {
          @Override
          public void granted() {
            seen.addAll(done());
            told.countDown();
          }

          @Override
          public void refused(LockRefusal why) {}
        });
    giveBack(one, NODE, exclusive(1));
    patience().until(() -> told.getCount() == 0);
    assertThat(seen).containsExactly("refresh 101", "save 101", "refresh 102");
  }

  @Test
  void aLockIsHeldForAsLongAsTheMountIsThere() throws InterruptedException {
    one.take(NODE, exclusive(1));
    Thread.sleep(LIFE.multipliedBy(2).toMillis());
    assertThat(two.take(NODE, exclusive(2))).isFalse();
    assertThat(one.of(KnownFiles.cellOf(NODE), through(exclusive(1))).isLost()).isFalse();
  }

  @Test
  void aCellWhoseServerHangsKeepsNoOtherFromLiving() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    AtomicReference<String> hung = new AtomicReference<>("nobody");
    SharedLocks mount =
        mount(
            (Backend)
                Proxy.newProxyInstance(
                    Backend.class.getClassLoader(),
                    new Class<?>[] {Backend.class},
                    (proxy, method, arguments) -> {
                      if (method.getName().equals("commit")
                          && arguments[0].toString().contains(hung.get())) {
                        hangs.await();
                      }
                      try {
                        return method.invoke(backend, arguments);
                      } catch (InvocationTargetException e) {
                        throw e.getCause();
                      }
                    }));
    mount.take(NODE, exclusive(1));
    mount.take(OTHER_NODE, exclusive(1));
    hung.set("key:" + OTHER_NODE);
    try {
      Thread.sleep(LIFE.multipliedBy(3).toMillis());
      assertThat(two.take(NODE, exclusive(2))).isFalse();
      assertThat(two.take(OTHER_NODE, exclusive(2))).isTrue();
    } finally {
      hangs.countDown();
    }
  }

  @Test
  void whoHasLostALockIsKeptFromSavingUntilHeIsTold() {
    Lock shared = record(LockType.SHARED, 20, 29, 2);
    one.take(NODE, exclusive(1));
    one.take(NODE, shared);
    var cell = KnownFiles.cellOf(NODE);
    assertThat(one.of(cell, through(exclusive(1))).expected()).isPresent();
    assertThat(one.of(cell, new Writers(Set.of(), Set.of(1001))).expected()).isPresent();
    assertThat(one.of(cell, through(exclusive(5)))).isEqualTo(Fence.NONE);
    Answer next = waiter(two, NODE, exclusive(3));
    failure.set(new BackendUnavailableException("away", /* cause= */ null));
    patience().until(next::isGranted);
    failure.set(null);

    patience().until(() -> one.of(cell, through(exclusive(1))).isLost());

    assertThat(one.of(cell, through(exclusive(5)))).isEqualTo(Fence.NONE);
    one.told(cell, through(exclusive(1)));
    assertThat(one.of(cell, through(exclusive(1)))).isEqualTo(Fence.NONE);
    assertThat(one.of(cell, through(shared)).isLost()).isTrue();
    one.released(NODE, shared.handle());
    assertThat(one.of(cell, through(shared))).isEqualTo(Fence.NONE);
    assertThat(one.areUsed(NODE)).isFalse();
    two.released(NODE, 103);
    requireNothingLeft();
  }

  @Test
  void aSaveThatFindsItsLeaseGoneSaysSoBeforeTheMountKnows() {
    one.take(NODE, exclusive(1));
    var cell = KnownFiles.cellOf(NODE);
    var expected = one.of(cell, through(exclusive(1))).expected().orElseThrow();
    one.missing(cell, expected);
    assertThat(one.of(cell, through(exclusive(1))).isLost()).isTrue();
  }

  @Test
  void aSaveThatMissesALeaseThatWasGivenBackHasLostNothing() {
    one.take(NODE, exclusive(1));
    var cell = KnownFiles.cellOf(NODE);
    var expected = one.of(cell, through(exclusive(1))).expected().orElseThrow();
    giveBack(one, NODE, exclusive(1));
    one.missing(cell, expected);
    assertThat(one.of(cell, through(exclusive(1)))).isEqualTo(Fence.NONE);
  }

  @Test
  void toGiveBackNeverFailsAndIsMadeUpFor() {
    one.take(NODE, exclusive(1));
    one.take(NODE, record(LockType.EXCLUSIVE, 20, 29, 1));
    failure.set(new BackendUnavailableException("away", /* cause= */ null));
    giveBack(one, NODE, exclusive(1));
    assertThat(one.areUsed(NODE)).isTrue();
    failure.set(null);
    patience().until(() -> two.take(NODE, exclusive(2)));
    assertThat(two.take(NODE, record(LockType.SHARED, 20, 20, 2))).isFalse();
    one.released(NODE, 101);
    two.released(NODE, 102);
    requireNothingLeft();
  }

  @Test
  void whoGivesUpWaitingHasGotNothing() {
    one.take(NODE, exclusive(1));
    Answer second = waiter(two, NODE, exclusive(2));
    Answer third = waiter(two, NODE, exclusive(3));
    two.cancel(second);
    assertThat(second.isRefused(LockRefusal.CANCELLED)).isTrue();
    giveBack(one, NODE, exclusive(1));
    patience().until(third::isGranted);
    two.released(NODE, 103);
    requireNothingLeft();
    assertThat(two.areUsed(NODE)).isFalse();
  }

  @Test
  void whoChangesTheTypeOfALockLetsItGoMeanwhile() {
    one.take(NODE, whole(LockType.SHARED, 1));
    two.take(NODE, whole(LockType.SHARED, 1));
    Answer first = waiter(one, NODE, whole(LockType.EXCLUSIVE, 1));
    assertThat(first.waits()).isTrue();
    Answer second = waiter(two, NODE, whole(LockType.EXCLUSIVE, 1));
    patience().until(() -> first.isGranted() || second.isGranted());
    assertThat(first.isGranted() && second.isGranted()).isFalse();
    (first.isGranted() ? one : two).released(NODE, 101);
    patience().until(() -> first.isGranted() && second.isGranted());
  }

  @Test
  void whereNobodyMayTellOthersNobodyGetsALock() {
    RefusedException refused =
        new RefusedException(
            RefusedException.Reason.NOT_PERMITTED, "NOPERM this user", /* cause= */ null);
    two.take(NODE, exclusive(1));
    Answer waits = waiter(one, NODE, exclusive(2));
    failure.set(refused);
    assertThatThrownBy(() -> one.take(OTHER_NODE, exclusive(2)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.NOT_PERMITTED))
        .hasMessageContaining("--locks local");
    patience().until(() -> waits.isRefused(LockRefusal.REFUSED));
    assertThat(one.areUsed(OTHER_NODE)).isFalse();
  }

  @Test
  void whoWaitsWhileTheStoreIsAwayGoesOnWaiting() {
    two.take(NODE, exclusive(1));
    failure.set(new BackendUnavailableException("away", /* cause= */ null));
    Answer waits = waiter(one, NODE, exclusive(2));
    giveBack(two, NODE, exclusive(1));
    assertThat(waits.waits()).isTrue();
    failure.set(null);
    patience().until(waits::isGranted);
  }

  @Test
  void ofThoseWhoWaitForEachOtherThroughMountsOneIsTold() {
    one.take(NODE, exclusive(1));
    two.take(OTHER_NODE, exclusive(1));
    three.take(THIRD_NODE, exclusive(1));
    List<Answer> circle =
        List.of(
            waiter(one, OTHER_NODE, exclusive(1)),
            waiter(two, THIRD_NODE, exclusive(1)),
            waiter(three, NODE, exclusive(1)));
    Answer innocent = waiter(three, NODE, exclusive(2));
    patience()
        .until(() -> circle.stream().anyMatch(answer -> answer.isRefused(LockRefusal.DEADLOCK)));
    int refused = 0;
    while (!circle.get(refused).isRefused(LockRefusal.DEADLOCK)) {
      refused++;
    }
    // Its holder ends, and then the one who waited for that, and so on.
    List<SharedLocks> holders = List.of(one, two, three);
    for (int i = 0; i < 2; i++) {
      int ended = (refused + 3 - i) % 3;
      int next = (ended + 2) % 3;
      holders.get(ended).released(NODE, 101);
      holders.get(ended).released(OTHER_NODE, 101);
      holders.get(ended).released(THIRD_NODE, 101);
      patience().until(circle.get(next)::isGranted);
    }
    assertThat(circle.stream().filter(answer -> answer.isRefused(LockRefusal.DEADLOCK))).hasSize(1);
    holders.forEach(
        holder ->
            List.of(NODE, OTHER_NODE, THIRD_NODE).forEach(node -> holder.released(node, 101)));
    patience().until(innocent::isGranted);
    three.released(NODE, 102);
    requireNothingLeft();
  }

  @Test
  void nobodyIsEverInsideTogetherWithAnother() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int process = 0; process < 9; process++) {
      SharedLocks mount = mounts.get(process % 3);
      Lock lock = whole(LockType.EXCLUSIVE, process);
      all.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 30; i++) {
                  CountDownLatch granted = new CountDownLatch(1);
                  mount.await(
                      NODE,
                      lock,
                      new LockAnswer() {
                        @Override
                        public void granted() {
                          granted.countDown();
                        }

                        @Override
                        public void refused(LockRefusal why) {
                          throw new AssertionError(why);
                        }
                      });
                  assertThat(granted.await(60, TimeUnit.SECONDS)).isTrue();
                  assertThat(inside.incrementAndGet()).isEqualTo(1);
                  Thread.yield();
                  inside.decrementAndGet();
                  giveBack(mount, NODE, lock);
                }
                return null;
              }));
    }
    for (Future<?> process : all) {
      process.get(120, TimeUnit.SECONDS);
    }
    requireNothingLeft();
  }
}
