package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.redis.UntoldChanges.Handful;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class UntoldChangesTest {

  private static final long MUCH = 1_000_000;
  private static final long ANY_TIME = 0;

  /** What is taken out, without when it was heard of. */
  private static Handful taken(UntoldChanges untold) throws InterruptedException {
    Handful handful = untold.take().orElseThrow();
    return new Handful(handful.reset(), handful.keys(), ANY_TIME);
  }

  @Test
  void itIsKnownSinceWhenTheFirstOfWhatIsTakenOutWaits() throws Exception {
    AtomicLong now = new AtomicLong(7);
    UntoldChanges untold = new UntoldChanges(2, MUCH, now::getAndIncrement);

    untold.changed(keys("a"));
    untold.changed(keys("a"));
    untold.changed(keys("b"));
    assertThat(untold.take().orElseThrow().heard()).isEqualTo(7);

    untold.changed(keys("a", "b", "c"));
    untold.changed(keys("d"));
    assertThat(untold.take().orElseThrow().heard()).as("of the keys in a reset").isEqualTo(10);

    untold.reset();
    untold.lost();
    assertThat(untold.take().orElseThrow().heard()).as("of the first reset").isEqualTo(12);
  }

  @Test
  void keysComeOnceAndInTheOrderInWhichTheyWereFirstHeardOf() throws Exception {
    UntoldChanges untold = new UntoldChanges();

    untold.changed(keys("b", "a"));
    untold.changed(keys("c", "a", "b"));

    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("b", "a", "c"), ANY_TIME));
  }

  @Test
  void aKeyThatWasTakenOutComesAgain() throws Exception {
    UntoldChanges untold = new UntoldChanges();
    untold.changed(keys("a"));
    untold.take();

    untold.changed(keys("a"));

    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("a"), ANY_TIME));
  }

  @Test
  void aKeyThatChangesTenThousandTimesIsToldOnce() throws Exception {
    UntoldChanges untold = new UntoldChanges();

    for (int i = 0; i < 10_000; i++) {
      untold.changed(keys("a"));
    }

    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("a"), ANY_TIME));
    untold.changed(keys("last"));
    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("last"), ANY_TIME));
  }

  @Test
  void aResetSwallowsTheKeysBeforeItAndNotThoseAfterIt() throws Exception {
    UntoldChanges untold = new UntoldChanges();

    untold.changed(keys("before", "both"));
    untold.reset();
    untold.changed(keys("both", "after"));
    untold.reset();
    untold.changed(keys("last"));

    assertThat(taken(untold)).isEqualTo(new Handful(true, keys("last"), ANY_TIME));
  }

  @Test
  void whatIsNotHeardIsKnownToBeSoUntilTheNextReset() throws Exception {
    UntoldChanges untold = new UntoldChanges();
    assertThat(untold.isLost()).isFalse();

    untold.changed(keys("before"));
    untold.lost();

    assertThat(taken(untold)).isEqualTo(new Handful(true, keys(), ANY_TIME));
    assertThat(untold.isLost()).isTrue();
    untold.reset();
    assertThat(untold.isLost()).isFalse();
    assertThat(taken(untold)).isEqualTo(new Handful(true, keys(), ANY_TIME));
  }

  @Test
  void tooManyKeysAreAReset() throws Exception {
    UntoldChanges untold = new UntoldChanges(2, MUCH, System::nanoTime);

    untold.changed(keys("a", "b"));
    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("a", "b"), ANY_TIME));
    untold.changed(keys("a", "b", "c", "d"));

    assertThat(taken(untold)).isEqualTo(new Handful(true, keys("d"), ANY_TIME));
  }

  @Test
  void tooLongKeysAreAReset() throws Exception {
    UntoldChanges untold = new UntoldChanges(100, 10, System::nanoTime);

    untold.changed(keys("12345", "67890", "12345"));
    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("12345", "67890"), ANY_TIME));
    untold.changed(keys("12345", "67890", "a"));
    assertThat(taken(untold)).isEqualTo(new Handful(true, List.of(), ANY_TIME));
    untold.changed(keys("12345678901", "b"));
    assertThat(taken(untold)).isEqualTo(new Handful(true, keys("b"), ANY_TIME));
    // What was taken out, and what a reset swallowed, counts no more.
    untold.changed(keys("12345", "6789"));

    assertThat(taken(untold)).isEqualTo(new Handful(false, keys("12345", "6789"), ANY_TIME));
  }

  @Test
  void manyKeysComeInParts() throws Exception {
    UntoldChanges untold = new UntoldChanges();
    List<Bytes> many = IntStream.range(0, 100_000).mapToObj(i -> Bytes.utf8("key:" + i)).toList();
    untold.changed(many);
    List<Bytes> told = new ArrayList<>();

    while (told.size() < many.size()) {
      Handful part = untold.take().orElseThrow();
      assertThat(part.reset()).isFalse();
      assertThat(part.keys()).hasSizeBetween(1, 1_000);
      told.addAll(part.keys());
    }

    assertThat(told).isEqualTo(many);
  }

  @Test
  void afterTheEndNothingComes() throws Exception {
    UntoldChanges untold = new UntoldChanges();
    untold.changed(keys("a"));

    untold.end();

    assertThat(untold.take()).isEmpty();
    untold.reset();
    assertThat(untold.take()).isEmpty();
  }

  @Test
  void theEndWakesWhoWaits() throws Exception {
    UntoldChanges untold = new UntoldChanges();
    ExecutorService taking = Executors.newSingleThreadExecutor();
    try {
      Future<Optional<Handful>> taken = taking.submit(untold::take);

      untold.end();

      assertThat(taken.get(30, TimeUnit.SECONDS)).isEmpty();
    } finally {
      taking.shutdownNow();
    }
  }

  /** Against a set of keys and a flag, which is all that it is. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void itIsASetWithABound(long seed) throws Exception {
    Random random = new Random(seed);
    int mostKeys = 1 + random.nextInt(40);
    long mostBytes = 1 + random.nextInt(200);
    UntoldChanges untold = new UntoldChanges(mostKeys, mostBytes, System::nanoTime);
    Set<Bytes> model = new LinkedHashSet<>();
    boolean reset = false;
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(40)) {
        case 0 -> {
          untold.reset();
          model.clear();
          reset = true;
        }
        case 1, 2 -> {
          if (reset || !model.isEmpty()) {
            assertThat(taken(untold)).isEqualTo(new Handful(reset, List.copyOf(model), ANY_TIME));
            model.clear();
            reset = false;
          }
        }
        default -> {
          Bytes key = Bytes.utf8("x".repeat(random.nextInt(3)) + random.nextInt(60));
          untold.changed(List.of(key));
          model.add(key);
          if (model.size() > mostKeys
              || model.stream().mapToLong(Bytes::length).sum() > mostBytes) {
            model.clear();
            reset = true;
          }
        }
      }
    }
  }

  /**
   * One hears and one tells at the same time: whatever is heard of is told at a later moment, as
   * itself or as a reset.
   */
  @ParameterizedTest
  @ValueSource(ints = {5, 300, 100_000})
  void whatIsHeardOfIsToldLater(int mostKeys) throws Exception {
    UntoldChanges untold = new UntoldChanges(mostKeys, Long.MAX_VALUE, System::nanoTime);
    AtomicLong moments = new AtomicLong();
    Map<Bytes, Long> told = new ConcurrentHashMap<>();
    AtomicLong lastReset = new AtomicLong(-1);
    ExecutorService telling = Executors.newSingleThreadExecutor();
    try {
      Future<?> done =
          telling.submit(
              () -> {
                for (Optional<Handful> next = untold.take();
                    next.isPresent();
                    next = untold.take()) {
                  // A key's moment is taken before it is offered: what is taken out now has been.
                  long now = moments.getAndIncrement();
                  if (next.get().reset()) {
                    lastReset.set(now);
                  }
                  next.get().keys().forEach(key -> told.put(key, now));
                  if (next.get().keys().contains(Bytes.utf8("end"))) {
                    return null;
                  }
                }
                return null;
              });
      Map<Bytes, Long> heard = hearAtRandom(untold, moments);
      untold.changed(keys("end"));
      done.get(30, TimeUnit.SECONDS);

      Set<Bytes> missing = new HashSet<>(heard.keySet());
      missing.removeIf(
          key -> told.getOrDefault(key, -1L) > heard.get(key) || lastReset.get() > heard.get(key));
      assertThat(missing).isEmpty();
      assertThat(lastReset.get()).isGreaterThan(heard.get(RESET));
    } finally {
      untold.end();
      telling.shutdownNow();
    }
  }

  private static final Bytes RESET = Bytes.utf8("a reset");

  /** Returns of each key the moment just before it was last heard of. */
  private static Map<Bytes, Long> hearAtRandom(UntoldChanges untold, AtomicLong moments) {
    Random random = new Random(6);
    Map<Bytes, Long> heard = new ConcurrentHashMap<>();
    for (int i = 0; i < 200_000; i++) {
      if (i % 10_000 == 5_000) {
        heard.put(RESET, moments.getAndIncrement());
        untold.reset();
      } else {
        Bytes key = Bytes.utf8("key:" + random.nextInt(2_000));
        heard.put(key, moments.getAndIncrement());
        untold.changed(List.of(key));
      }
    }
    return heard;
  }

  private static List<Bytes> keys(String... names) {
    return List.of(names).stream().map(Bytes::utf8).toList();
  }
}
