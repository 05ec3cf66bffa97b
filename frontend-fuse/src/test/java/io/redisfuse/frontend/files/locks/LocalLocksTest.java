package io.redisfuse.frontend.files.locks;

import static io.redisfuse.frontend.files.locks.LockKind.RECORD;
import static io.redisfuse.frontend.files.locks.LockKind.WHOLE;
import static io.redisfuse.frontend.files.locks.LockType.EXCLUSIVE;
import static io.redisfuse.frontend.files.locks.LockType.SHARED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LocalLocksTest {

  private static final long NODE = 7;
  private static final long OTHER_NODE = 8;

  private final LocalLocks locks = new LocalLocks();

  private static Lock record(LockType type, long first, long last, long owner) {
    return new Lock(
        RECORD, type, new LockRange(first, last), owner, (int) owner + 1000, owner + 100);
  }

  private static Lock whole(LockType type, long owner) {
    return new Lock(WHOLE, type, LockRange.ALL, owner, (int) owner + 1000, owner + 100);
  }

  private Answer await(Lock wanted) {
    return await(NODE, wanted);
  }

  private Answer await(long node, Lock wanted) {
    Answer answer = new Answer();
    locks.await(node, wanted, answer);
    return answer;
  }

  private void giveBack(LockKind kind, long owner) {
    locks.giveBack(NODE, kind, owner, LockRange.ALL);
  }

  @Test
  void itIsKnownHowManyThereAre() {
    assertThat(locks.count()).isEqualTo(new LockCount(0, 0));
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    locks.take(OTHER_NODE, whole(SHARED, 2));
    await(record(SHARED, 0, 9, 3));
    assertThat(locks.count()).isEqualTo(new LockCount(2, 1));

    giveBack(RECORD, 1);
    assertThat(locks.count()).isEqualTo(new LockCount(2, 0));
    giveBack(RECORD, 3);
    locks.giveBack(OTHER_NODE, WHOLE, 2, LockRange.ALL);
    assertThat(locks.count()).isEqualTo(new LockCount(0, 0));
  }

  // ---- ranges

  @Test
  void manyReadAndOneWrites() {
    assertThat(locks.take(NODE, record(SHARED, 0, 9, 1))).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 5, 14, 2))).isTrue();
    assertThat(locks.take(NODE, record(EXCLUSIVE, 9, 20, 3))).isFalse();
    assertThat(locks.take(NODE, record(EXCLUSIVE, 15, 20, 3))).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 20, 20, 1))).isFalse();
    assertThat(locks.take(OTHER_NODE, record(EXCLUSIVE, 0, 9, 3))).isTrue();
  }

  @Test
  void whoAsksIsToldWhatIsInTheWay() {
    locks.take(NODE, record(EXCLUSIVE, 10, Long.MAX_VALUE, 1));
    assertThat(locks.obstacle(NODE, record(SHARED, 0, 10, 2)))
        .contains(record(EXCLUSIVE, 10, Long.MAX_VALUE, 1));
    assertThat(locks.obstacle(NODE, record(SHARED, 0, 9, 2))).isEmpty();
    assertThat(locks.obstacle(NODE, record(SHARED, 0, 10, 1))).as("his own").isEmpty();
    assertThat(locks.obstacle(NODE, whole(EXCLUSIVE, 2))).as("of another kind").isEmpty();
    assertThat(locks.obstacle(OTHER_NODE, record(SHARED, 0, 10, 2))).isEmpty();
  }

  @Test
  void aLockIsSplitByWhatTheSameOwnerDoesInIt() {
    locks.take(NODE, record(EXCLUSIVE, 0, 99, 1));
    assertThat(locks.take(NODE, record(SHARED, 40, 59, 1))).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 40, 59, 2))).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 39, 39, 2))).isFalse();
    assertThat(locks.take(NODE, record(SHARED, 60, 60, 2))).isFalse();
    locks.giveBack(NODE, RECORD, 1, new LockRange(10, 19));
    assertThat(locks.take(NODE, record(EXCLUSIVE, 10, 19, 2))).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 9, 9, 2))).isFalse();
    assertThat(locks.take(NODE, record(SHARED, 20, 20, 2))).isFalse();
  }

  @Test
  void partsThatTouchAreOneAgain() {
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    locks.take(NODE, record(EXCLUSIVE, 20, 29, 1));
    locks.take(NODE, record(EXCLUSIVE, 10, 19, 1));
    assertThat(locks.obstacle(NODE, record(SHARED, 5, 5, 2))).contains(record(EXCLUSIVE, 0, 29, 1));
  }

  @Test
  void aLockThatCannotBeRaisedStaysAsItIs() {
    locks.take(NODE, record(SHARED, 0, 9, 1));
    locks.take(NODE, record(SHARED, 0, 9, 2));
    assertThat(locks.take(NODE, record(EXCLUSIVE, 0, 9, 1))).isFalse();
    giveBack(RECORD, 2);
    assertThat(locks.take(NODE, record(EXCLUSIVE, 0, 9, 2))).isFalse();
    assertThat(locks.take(NODE, record(EXCLUSIVE, 0, 9, 1))).isTrue();
  }

  // ---- whole files

  @Test
  void theKindsDoNotSeeEachOther() {
    assertThat(locks.take(NODE, whole(EXCLUSIVE, 1))).isTrue();
    assertThat(locks.take(NODE, record(EXCLUSIVE, 0, 9, 2))).isTrue();
    assertThat(locks.take(NODE, whole(SHARED, 2))).isFalse();
    giveBack(RECORD, 1);
    assertThat(locks.take(NODE, whole(SHARED, 2))).isFalse();
    giveBack(WHOLE, 1);
    assertThat(locks.take(NODE, whole(SHARED, 2))).isTrue();
  }

  @Test
  void twoWhoBothWantMoreOfAFileThanTheyHaveDoNotWaitForEver() {
    locks.take(NODE, whole(SHARED, 1));
    locks.take(NODE, whole(SHARED, 2));
    Answer first = await(whole(EXCLUSIVE, 1));
    assertThat(first.waits()).isTrue();
    Answer second = await(whole(EXCLUSIVE, 2));
    assertThat(second.isGranted()).as("1 has let go of what it had").isTrue();
    assertThat(first.waits()).isTrue();
    giveBack(WHOLE, 2);
    assertThat(first.isGranted()).isTrue();
  }

  @Test
  void whoDoesNotWaitKeepsWhatHeHasOfAFile() {
    locks.take(NODE, whole(SHARED, 1));
    locks.take(NODE, whole(SHARED, 2));
    assertThat(locks.take(NODE, whole(EXCLUSIVE, 1))).isFalse();
    assertThat(locks.take(NODE, whole(EXCLUSIVE, 3))).isFalse();
    giveBack(WHOLE, 2);
    assertThat(locks.take(NODE, whole(SHARED, 3))).isTrue();
    assertThat(locks.take(NODE, whole(EXCLUSIVE, 3))).as("1 has his still").isFalse();
  }

  // ---- who waits

  @Test
  void theyAreServedInTheirOrder() {
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    Answer first = await(record(EXCLUSIVE, 0, 9, 2));
    Answer second = await(record(SHARED, 0, 4, 3));
    Answer third = await(record(SHARED, 5, 9, 4));
    giveBack(RECORD, 1);
    assertThat(first.isGranted()).isTrue();
    assertThat(second.waits()).isTrue();
    giveBack(RECORD, 2);
    assertThat(second.isGranted()).isTrue();
    assertThat(third.isGranted()).isTrue();
  }

  @Test
  void whoCanHaveItDoesNotWait() {
    assertThat(await(record(EXCLUSIVE, 0, 9, 1)).isGranted()).isTrue();
    assertThat(await(whole(EXCLUSIVE, 1)).isGranted()).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 0, 9, 2))).isFalse();
  }

  @Test
  void aWeakerLockLetsOthersIn() {
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    Answer reader = await(record(SHARED, 0, 9, 2));
    assertThat(locks.take(NODE, record(SHARED, 0, 9, 1))).isTrue();
    assertThat(reader.isGranted()).isTrue();
  }

  @Test
  void whoGivesUpIsToldOnceAndGetsNothing() {
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    Answer waiter = await(record(EXCLUSIVE, 0, 9, 2));
    locks.cancel(waiter);
    assertThat(waiter.isRefused(LockRefusal.CANCELLED)).isTrue();
    locks.cancel(waiter);
    giveBack(RECORD, 1);
    assertThat(locks.areUsed(NODE)).isFalse();
    Answer served = await(record(EXCLUSIVE, 0, 9, 3));
    locks.cancel(served);
    assertThat(served.isGranted()).isTrue();
  }

  @Test
  void whatWasTakenThroughAHandleGoesWithIt() {
    locks.take(NODE, record(EXCLUSIVE, 0, 9, 1));
    locks.take(NODE, whole(EXCLUSIVE, 1));
    locks.take(NODE, new Lock(RECORD, SHARED, new LockRange(10, 19), 1, 1001, 555));
    Answer whole = await(whole(EXCLUSIVE, 2));
    Answer record = await(record(EXCLUSIVE, 0, 9, 2));
    Answer other = await(record(EXCLUSIVE, 10, 19, 2));
    locks.released(NODE, 101);
    assertThat(whole.isGranted()).isTrue();
    assertThat(record.isGranted()).isTrue();
    assertThat(other.waits()).as("through another handle").isTrue();
    locks.released(NODE, 555);
    assertThat(other.isGranted()).isTrue();
  }

  // ---- deadlocks

  @Test
  void whoWouldWaitForHimselfIsTold() {
    locks.take(NODE, record(EXCLUSIVE, 0, 0, 1));
    locks.take(OTHER_NODE, record(EXCLUSIVE, 1, 1, 2));
    locks.take(NODE, record(EXCLUSIVE, 2, 2, 3));
    Answer first = await(OTHER_NODE, record(SHARED, 1, 1, 1));
    Answer second = await(record(SHARED, 2, 2, 2));
    Answer third = await(record(SHARED, 0, 0, 3));
    assertThat(third.isRefused(LockRefusal.DEADLOCK)).isTrue();
    assertThat(first.waits()).isTrue();
    assertThat(second.waits()).isTrue();
    giveBack(RECORD, 3);
    assertThat(second.isGranted()).isTrue();
  }

  @Test
  void twoReadersWhoBothWantToWriteDoNotWaitForEver() {
    locks.take(NODE, record(SHARED, 0, 9, 1));
    locks.take(NODE, record(SHARED, 0, 9, 2));
    Answer first = await(record(EXCLUSIVE, 0, 9, 1));
    Answer second = await(record(EXCLUSIVE, 0, 9, 2));
    assertThat(first.waits()).isTrue();
    assertThat(second.isRefused(LockRefusal.DEADLOCK)).isTrue();
    giveBack(RECORD, 2);
    assertThat(first.isGranted()).isTrue();
  }

  @Test
  void aDeadlockThatComesLaterIsSeenWhenItComes() {
    locks.take(NODE, record(EXCLUSIVE, 0, 0, 1));
    locks.take(NODE, record(EXCLUSIVE, 9, 9, 2));
    Answer first = await(record(SHARED, 9, 9, 1));
    Answer thread = await(record(SHARED, 5, 5, 2));
    assertThat(thread.isGranted()).isTrue();
    // 3 waits for 1, then 2 gets what 1 waits for anyway: no circle, until 2 waits for 3.
    Answer third = await(record(EXCLUSIVE, 0, 0, 3));
    assertThat(third.waits()).isTrue();
    locks.take(NODE, record(EXCLUSIVE, 7, 7, 3));
    assertThat(await(record(SHARED, 7, 7, 2)).isRefused(LockRefusal.DEADLOCK)).isTrue();
    assertThat(first.waits()).isTrue();
  }

  @Test
  void anOwnerWhoseThreadsWaitAndTakeMakesACircleByTaking() {
    locks.take(NODE, record(EXCLUSIVE, 0, 0, 1));
    locks.take(NODE, record(EXCLUSIVE, 9, 9, 3));
    Answer waitsFor3 = await(record(SHARED, 9, 9, 1));
    Answer waitsFor1 = await(OTHER_NODE, record(SHARED, 0, 0, 2));
    assertThat(waitsFor1.isGranted()).isTrue();
    Answer twoWaitsFor1 = await(record(SHARED, 0, 0, 2));
    // A thread of 2 gets a share in what 1 waits for, when 3 makes it a shared one.
    locks.take(NODE, record(SHARED, 9, 9, 3));
    assertThat(waitsFor3.isGranted()).isTrue();
    Answer raises = await(record(EXCLUSIVE, 9, 9, 1));
    assertThat(raises.waits()).isTrue();
    assertThat(locks.take(NODE, record(SHARED, 9, 9, 2))).isTrue();
    assertThat(
            raises.isRefused(LockRefusal.DEADLOCK) || twoWaitsFor1.isRefused(LockRefusal.DEADLOCK))
        .isTrue();
  }

  // ---- threads

  @Test
  void nobodyIsEverInsideTogetherWithAWriter() throws Exception {
    int threads = 8;
    int rounds = 400;
    AtomicInteger readers = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger();
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 1; t <= threads; t++) {
        int owner = t;
        all.add(
            pool.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  for (int i = 0; i < rounds; i++) {
                    boolean writes = (i + owner) % 3 == 0;
                    enter(record(writes ? EXCLUSIVE : SHARED, 0, 9, owner));
                    (writes ? writers : readers).incrementAndGet();
                    assertThat(writers.get()).isLessThanOrEqualTo(writes ? 1 : 0);
                    assertThat(writes ? readers.get() : 0).isZero();
                    (writes ? writers : readers).decrementAndGet();
                    giveBack(RECORD, owner);
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
    assertThat(locks.areUsed(NODE)).as("nothing is left").isFalse();
  }

  private void enter(Lock wanted) throws InterruptedException {
    Semaphore granted = new Semaphore(0);
    locks.await(
        NODE,
        wanted,
        new LockAnswer() {
          @Override
          public void granted() {
            granted.release();
          }

          @Override
          public void refused(LockRefusal why) {
            throw new AssertionError(why);
          }
        });
    assertThat(granted.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
  }
}
