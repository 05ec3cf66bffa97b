package io.redisfuse.frontend.files.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.memory.MemoryBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random owners who take locks, wait, give back and give up, beside a model of single bytes. */
class RandomLocksTest {

  private static final int STEPS = 4_000;
  private static final int OWNERS = 5;
  private static final int MOST_WAITING = 8;
  private static final int BYTES = 12;
  private static final long NODE = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Which owner has which type at which byte. */
  private final List<Map<Long, LockType>> model = new ArrayList<>();

  private record Waiting(Lock wanted, Answer answer) {}

  private final List<Waiting> waiting = new ArrayList<>();
  private final MemoryBackend backend = new MemoryBackend();
  private FileLocks locks;
  private Random random;

  @AfterEach
  void close() {
    locks.close();
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void thoseOfOneMountAreAsTheModelSays(long seed) {
    locks = new LocalLocks();
    theyAreAsTheModelSays(seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void thoseAmongMountsAreAsTheModelSays(long seed) {
    locks =
        new SharedLocks(
            backend,
            new KnownFiles(),
            MountIdentity.ofThisProcess(),
            SharedLocks.LIFE,
            Runnable::run);
    theyAreAsTheModelSays(seed);
    locks.close();
    assertThat(KnownFiles.keys(backend)).as("nothing is left behind").isEmpty();
  }

  private void theyAreAsTheModelSays(long seed) {
    random = new Random(seed);
    for (int i = 0; i < BYTES; i++) {
      model.add(new HashMap<>());
    }
    int refused = 0;
    for (int step = 0; step < STEPS; step++) {
      LockRange range = range();
      long owner = random.nextInt(OWNERS);
      Lock wanted =
          new Lock(
              LockKind.RECORD,
              random.nextBoolean() ? LockType.SHARED : LockType.EXCLUSIVE,
              range,
              owner,
              /* process= */ 1,
              /* handle= */ owner);
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          boolean taken = locks.take(NODE, wanted);
          assertThat(taken).as("step " + step).isEqualTo(isFree(wanted));
          if (taken) {
            set(wanted);
          }
        }
        case 2, 3 -> {
          if (waiting.size() == MOST_WAITING) {
            continue;
          }
          Answer answer = new Answer();
          waiting.add(new Waiting(wanted, answer));
          locks.await(NODE, wanted, answer);
        }
        case 4 -> {
          if (!waiting.isEmpty()) {
            Waiting one = waiting.remove(random.nextInt(waiting.size()));
            locks.cancel(one.answer());
            assertThat(one.answer().isRefused(LockRefusal.CANCELLED)).isTrue();
          }
        }
        case 5 -> {
          locks.released(NODE, owner);
          model.forEach(byOwner -> byOwner.remove(owner));
        }
        default -> {
          locks.giveBack(NODE, LockKind.RECORD, owner, range);
          bytes(range).forEach(byOwner -> byOwner.remove(owner));
        }
      }
      refused += serve();
      compare(step);
    }
    assertThat(refused).as("deadlocks that were seen").isPositive();
    waiting.forEach(one -> locks.cancel(one.answer()));
    for (long owner = 0; owner < OWNERS; owner++) {
      locks.giveBack(NODE, LockKind.RECORD, owner, LockRange.ALL);
    }
    assertThat(locks.areUsed(NODE)).isFalse();
  }

  private LockRange range() {
    int first = random.nextInt(BYTES);
    int last = random.nextInt(BYTES);
    return new LockRange(Math.min(first, last), Math.max(first, last));
  }

  private List<Map<Long, LockType>> bytes(LockRange range) {
    return model.subList((int) range.first(), (int) range.last() + 1);
  }

  private boolean isFree(Lock wanted) {
    return bytes(wanted.range()).stream()
        .noneMatch(
            byOwner ->
                byOwner.entrySet().stream()
                    .anyMatch(
                        held ->
                            held.getKey() != wanted.owner()
                                && (held.getValue() == LockType.EXCLUSIVE
                                    || wanted.type() == LockType.EXCLUSIVE)));
  }

  private void set(Lock lock) {
    bytes(lock.range()).forEach(byOwner -> byOwner.put(lock.owner(), lock.type()));
  }

  /**
   * Gives locks to those who wait, in their order, as often as somebody gets one; they must have
   * been told so. Who was told of a deadlock waits no more: returns how many.
   */
  private int serve() {
    boolean again = true;
    while (again) {
      again = false;
      for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
        Waiting one = all.next();
        if (isFree(one.wanted())) {
          // At once, unless somebody else is just looking whether he can have it.
          await().pollDelay(Duration.ZERO).atMost(PATIENCE).until(one.answer()::isGranted);
          set(one.wanted());
          all.remove();
          again = true;
        }
      }
    }
    List<Waiting> circles = new ArrayList<>(waiting);
    circles.removeIf(one -> !reaches(one.wanted().owner(), one.wanted()));
    int before = waiting.size();
    await()
        .pollDelay(Duration.ZERO)
        .atMost(PATIENCE)
        .until(
            () -> {
              // Who was found first may be looked at by two at once, who need not agree.
              waiting.removeIf(
                  one -> circles.contains(one) && one.answer().isRefused(LockRefusal.DEADLOCK));
              return waiting.stream().noneMatch(one -> reaches(one.wanted().owner(), one.wanted()));
            });
    for (Waiting one : waiting) {
      assertThat(one.answer().isGranted()).as("nobody gets what is not free").isFalse();
      assertThat(one.answer().waits()).as("nobody else is refused").isTrue();
    }
    return before - waiting.size();
  }

  /** Whether who is in the way of a lock waits for an owner, directly or not. */
  private boolean reaches(long owner, Lock wanted) {
    List<Long> seen = new ArrayList<>(inTheWay(wanted));
    for (int i = 0; i < seen.size(); i++) {
      long next = seen.get(i);
      if (next == owner) {
        return true;
      }
      for (Waiting one : waiting) {
        if (one.wanted().owner() == next) {
          inTheWay(one.wanted()).stream().filter(o -> !seen.contains(o)).forEach(seen::add);
        }
      }
    }
    return false;
  }

  private List<Long> inTheWay(Lock wanted) {
    List<Long> owners = new ArrayList<>();
    for (Map<Long, LockType> byOwner : bytes(wanted.range())) {
      byOwner.forEach(
          (owner, type) -> {
            boolean excludes = type == LockType.EXCLUSIVE || wanted.type() == LockType.EXCLUSIVE;
            if (owner != wanted.owner() && excludes && !owners.contains(owner)) {
              owners.add(owner);
            }
          });
    }
    return owners;
  }

  private void compare(int step) {
    for (int at = 0; at < BYTES; at++) {
      for (long owner = 0; owner <= OWNERS; owner++) {
        for (LockType type : LockType.values()) {
          Lock wanted =
              new Lock(
                  LockKind.RECORD, type, new LockRange(at, at), owner, /* process= */ 1, owner);
          if (locks.obstacle(NODE, wanted).isEmpty() != isFree(wanted)) {
            throw new AssertionError("after step " + step + " the model differs in " + wanted);
          }
        }
      }
    }
  }
}
