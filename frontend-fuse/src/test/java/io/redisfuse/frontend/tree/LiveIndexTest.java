package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the index says, when nobody interferes. */
class LiveIndexTest extends IndexTest {

  @Test
  void theScanShowsKeysAndDirectories() throws Exception {
    store.put("a", Type.STRING).put("b:c", Type.HASH).put("b:d:e", Type.LIST).put("b", Type.SET);
    follow();
    assertThat(list("")).containsExactly("a=STRING", "b/=SET");
    assertThat(list("b:")).containsExactly("c=HASH", "d/");
    assertThat(list("b:d:")).containsExactly("e=LIST");
    assertThat(list("a:")).isEmpty();
    assertThat(list("nothing:")).isEmpty();
    assertThat(index.size()).isEqualTo(4);
    assertThat(store.trips).isEmpty();
  }

  @Test
  void aDirectoryExistsWhileAKeyStartsWithItsStem() throws Exception {
    store.put("a:b:c", Type.STRING).put("k", Type.STRING);
    follow();
    assertThat(exists("")).isTrue();
    assertThat(exists("a:")).isTrue();
    assertThat(exists("a:b:")).isTrue();
    assertThat(exists("a:b:c:")).isFalse();
    assertThat(exists("k:")).isFalse();
    store.remove("a:b:c").tell("a:b:c");
    assertThat(exists("a:")).isFalse();
    assertThat(exists("a:b:")).isFalse();
  }

  @Test
  void anEmptyStringWithTheStemAsKeyIsAMarkerAndIsNotListed() throws Exception {
    store.putEmpty("a:").putEmpty("b:c:").put("x:", Type.STRING).put("y:", Type.LIST);
    follow();
    assertThat(list("")).containsExactly("a/", "b/", "x/", "y/");
    assertThat(list("a:")).isEmpty();
    assertThat(list("b:")).containsExactly("c/");
    assertThat(list("x:")).containsExactly("=STRING");
    assertThat(list("y:")).containsExactly("=LIST");
    assertThat(exists("a:")).isTrue();
    assertThat(below("b:", 9)).containsExactly("b:c:");
  }

  @Test
  void aKeyThatEndsInTheDelimiterTurnsFromMarkerToKeyAndBack() throws Exception {
    store.putEmpty("a:");
    follow();
    assertThat(list("a:")).isEmpty();
    store.put("a:", Type.STRING).tell("a:");
    assertThat(list("a:")).containsExactly("=STRING");
    store.putEmpty("a:").tell("a:");
    assertThat(list("a:")).isEmpty();
    assertThat(exists("a:")).isTrue();
  }

  @Test
  void aMarkerIsNoValueOfTheDirectoryWithAnEmptyName() throws Exception {
    store.putEmpty("a:").put("a::b", Type.STRING).put("c:", Type.HASH).put("c::d", Type.STRING);
    follow();
    assertThat(list("a:")).containsExactly("/");
    assertThat(ownValue("a::")).isEmpty();
    assertThat(list("c:")).containsExactly("/=HASH");
    assertThat(ownValue("c::")).contains(Type.HASH);
  }

  @Test
  void theOwnValueOfADirectoryIsItsKey() throws Exception {
    store.put("a", Type.STRING).put("a:b", Type.HASH).put("a:b:c", Type.STRING);
    follow();
    assertThat(ownValue("a:")).contains(Type.STRING);
    assertThat(ownValue("a:b:")).contains(Type.HASH);
    assertThat(ownValue("a:b:c:")).contains(Type.STRING);
    assertThat(ownValue("x:")).isEmpty();
    assertThat(ownValue("")).isEmpty();
    store.put("a", Type.LIST).tell("a");
    assertThat(ownValue("a:")).contains(Type.LIST);
  }

  @Test
  void theOwnValueIsAskedForWhileTheIndexIsNotComplete() throws Exception {
    store.put("a", Type.STRING);
    CountDownLatch goOn = new CountDownLatch(1);
    store.beforeVisit = key -> waitFor(goOn);
    index.start();
    assertThat(ownValue("a:")).contains(Type.STRING);
    assertThat(ownValue("b:")).isEmpty();
    goOn.countDown();
  }

  @Test
  void keysBelowAreAllUpToOneMoreThanTheLimit() throws Exception {
    store.put("a", Type.STRING).put("ab", Type.STRING).putEmpty("a:").put("a:b", Type.SET);
    store.put("a:b:c", Type.STRING).put("a:d", Type.HASH);
    follow();
    assertThat(below("a:", 10)).containsExactly("a:", "a:b", "a:b:c", "a:d");
    assertThat(below("a:", 4)).hasSize(4);
    assertThat(below("a:", 3)).hasSize(4);
    assertThat(below("a:", 2)).hasSize(3);
    assertThat(below("a:", 0)).hasSize(1);
    assertThat(below("", 10)).hasSize(6);
    assertThat(below("z:", 10)).isEmpty();
    store.remove("a:d").tell("a:d").put("a:e", Type.SET).tell("a:e").tell("a:b");
    assertThat(below("a:", 10)).containsExactly("a:", "a:b", "a:b:c", "a:e");
    assertThat(below("a:", 3)).hasSize(4);
  }

  @Test
  void aChangeCostsNothingUntilSomebodyAsks() throws Exception {
    store.put("a:1", Type.STRING).put("a:2", Type.STRING).put("b:1", Type.STRING);
    follow();
    store.put("a:1", Type.HASH).tell("a:1").remove("a:2").tell("a:2");
    store.put("a:3", Type.LIST).tell("a:3").put("b:2", Type.SET).tell("b:2");
    assertThat(store.trips).isEmpty();
    assertThat(list("a:")).containsExactly("1=HASH", "3=LIST");
    assertThat(store.trips).containsExactly(3);
    assertThat(list("a:")).containsExactly("1=HASH", "3=LIST");
    assertThat(store.trips).containsExactly(3);
  }

  @Test
  void aDirectoryWithAKeyThatIsSureIsNotAskedAbout() throws Exception {
    store.put("a:1", Type.STRING).put("a:2", Type.STRING);
    follow();
    store.tell("a:1");
    assertThat(exists("a:")).isTrue();
    assertThat(list("")).containsExactly("a/");
    assertThat(store.trips).isEmpty();
  }

  @Test
  void aListingAsksOfADirectoryOnlyWhetherItExists() throws Exception {
    follow();
    for (int i = 0; i < 5_000; i++) {
      store.put("a:" + i, Type.STRING).tell("a:" + i);
    }
    assertThat(list("")).containsExactly("a/");
    assertThat(store.trips).containsExactly(1);
  }

  @Test
  void aFewKeysBelowAreFoundWithoutAskingAboutAll() throws Exception {
    follow();
    for (int i = 0; i < 5_000; i++) {
      store.put("a:" + i, Type.STRING).tell("a:" + i);
    }
    assertThat(below("a:", 2)).hasSize(3);
    assertThat(store.trips).containsExactly(3);
    assertThat(below("a:", Integer.MAX_VALUE)).hasSize(5_000);
  }

  @Test
  void aListingAsksAboutManyKeysAThousandAtATime() throws Exception {
    follow();
    for (int i = 0; i < 2_500; i++) {
      store.put("a:" + i, Type.STRING).tell("a:" + i);
    }
    assertThat(index.list(b("a:"))).hasSize(2_500);
    assertThat(store.trips).containsExactly(1_000, 1_000, 500);
  }

  @Test
  void aDirectoryOfManyKeysThatAreGoneIsFoundGoneInFewTrips() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      store.put("a:" + i, Type.STRING);
    }
    follow();
    for (int i = 0; i < 5_000; i++) {
      store.remove("a:" + i).tell("a:" + i);
    }
    assertThat(exists("a:")).isFalse();
    assertThat(store.trips.size()).isLessThan(12);
    assertThat(store.trips).allMatch(keys -> keys <= 1_000);
    assertThat(index.size()).isZero();
  }

  @Test
  void keysOutsideTheKeyspaceAreNotThere() throws Exception {
    store.put(".redisfuse:lock", Type.STRING).put("a", Type.STRING);
    follow();
    store.tell(".redisfuse:other");
    index.present(b(".redisfuse:mine"), Type.STRING, index.stamp());
    assertThat(list("")).containsExactly("a=STRING");
    assertThat(list(".redisfuse:")).isEmpty();
    assertThat(exists(".redisfuse:")).isFalse();
    assertThat(ownValue(".redisfuse:lock:")).isEmpty();
    assertThat(index.size()).isEqualTo(1);
  }

  @Test
  void aMountedPrefixIsTheRoot() throws Exception {
    index =
        new LiveIndex(store, new Keyspace(b("t:"), b("::")), LONG, Duration.ofMillis(1), 100_000);
    store.put("t:a", Type.STRING).put("t:b:c::d", Type.HASH).put("u", Type.STRING);
    store.putEmpty("t:").putEmpty("t:m::");
    follow();
    assertThat(list("t:")).containsExactly("=STRING", "a=STRING", "b:c/", "m/");
    assertThat(list("t:b:c::")).containsExactly("d=HASH");
    assertThat(list("t:m::")).isEmpty();
    store.put("t:e::f", Type.SET).tell("t:e::f").put("v", Type.SET).tell("v");
    assertThat(exists("t:e::")).isTrue();
    assertThat(below("t:", 99)).hasSize(5);
    assertThat(below("t:b:c::", 99)).containsExactly("t:b:c::d");
  }

  @Test
  void whatTheMountChangedIsThereWithoutAQuestion() throws Exception {
    store.put("a:1", Type.STRING);
    follow();
    long stamp = index.stamp();
    index.present(b("b:2"), Type.HASH, stamp);
    index.marker(b("m:n:"), stamp);
    index.absent(b("a:1"), stamp);
    index.absent(b("never:was"), index.stamp());
    assertThat(list("")).containsExactly("b/", "m/");
    assertThat(list("b:")).containsExactly("2=HASH");
    assertThat(exists("m:n:")).isTrue();
    assertThat(exists("a:")).isFalse();
    assertThat(exists("never:")).isFalse();
    assertThat(store.trips).isEmpty();
    assertThatThrownBy(() -> index.marker(b("m"), stamp))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("m");
  }

  @Test
  void aStringThatTheMountWroteToAKeyThatMayBeAMarkerIsLookedAt() throws Exception {
    follow();
    store.put("a:", Type.STRING);
    index.present(b("a:"), Type.STRING, index.stamp());
    assertThat(list("a:")).containsExactly("=STRING");
    store.putEmpty("a:");
    index.present(b("a:"), Type.STRING, index.stamp());
    assertThat(list("a:")).isEmpty();
    assertThat(exists("a:")).isTrue();
  }

  @Test
  void aRetainedDirectoryExistsWithThoseAboveItUntilItIsForgotten() throws Exception {
    follow();
    index.retain(b("a:b:"));
    index.retain(b("a:b:"));
    assertThat(index.isRetained(b("a:b:"))).isTrue();
    assertThat(index.isRetained(b("a:"))).isFalse();
    assertThat(list("")).containsExactly("a/");
    assertThat(list("a:")).containsExactly("b/");
    assertThat(exists("a:")).isTrue();
    reset();
    assertThat(exists("a:b:")).isTrue();
    index.forget(b("a:"));
    assertThat(exists("a:b:")).isTrue();
    index.forget(b("a:b:"));
    index.forget(b("a:b:"));
    assertThat(exists("a:b:")).isFalse();
    assertThat(exists("a:")).isFalse();
    assertThat(list("")).isEmpty();
  }

  @Test
  void aDirectoryIsMarkedWhenItsMarkerIsAnEmptyString() throws Exception {
    store.putEmpty("a:");
    store.put("b:", Type.STRING);
    store.put("c:d", Type.STRING);
    assertThat(index.isMarked(b("a:"))).as("before the index is complete").isTrue();
    follow();
    assertThat(index.isMarked(b("a:"))).isTrue();
    assertThat(index.isMarked(b("b:"))).isFalse();
    assertThat(index.isMarked(b("c:"))).isFalse();
    assertThat(index.isMarked(b("never:"))).isFalse();
    index.absent(b("a:"), index.stamp());
    assertThat(index.isMarked(b("a:"))).isFalse();
  }

  @Test
  void retainedDirectoriesMoveWithTheirDirectory() throws Exception {
    follow();
    index.retain(b("a:b:"));
    index.retain(b("a:b:c:d:"));
    index.retain(b("a:x:"));
    index.moveRetained(b("a:b:"), b("a:b:n:"));
    assertThat(index.isRetained(b("a:b:n:"))).isTrue();
    assertThat(index.isRetained(b("a:b:n:c:d:"))).isTrue();
    assertThat(index.isRetained(b("a:b:"))).isFalse();
    index.moveRetained(b("a:b:n:"), b("z:"));
    assertThat(index.isRetained(b("z:"))).isTrue();
    assertThat(index.isRetained(b("z:c:d:"))).isTrue();
    assertThat(exists("a:b:")).isFalse();
    index.moveRetained(b("nothing:"), b("y:"));
    assertThat(list("")).containsExactly("a/", "z/");
  }

  @Test
  void aListingThatWaitsTooLongForTheScanSaysSo() throws Exception {
    index = index(Duration.ofMillis(50));
    CountDownLatch goOn = new CountDownLatch(1);
    store.put("a:1", Type.STRING);
    store.atScanEnd = () -> waitFor(goOn);
    index.start();
    assertThatThrownBy(() -> list("a:"))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageStartingWith("Still indexing")
        .hasMessageContaining("a:");
    assertThatThrownBy(() -> below("a:", 1)).isInstanceOf(BackendUnavailableException.class);
    assertThatThrownBy(() -> exists("unknown:")).isInstanceOf(BackendUnavailableException.class);
    assertThat(index.awaitComplete(Duration.ofMillis(1))).isFalse();
    goOn.countDown();
    assertThat(index.awaitComplete(LONG)).isTrue();
    assertThat(list("a:")).containsExactly("1=STRING");
    assertThat(exists("unknown:")).isFalse();
  }

  @Test
  void aDirectoryIsSeenAsSoonAsTheScanOrTheFeedComesToIt() throws Exception {
    store.put("a:1", Type.STRING);
    CountDownLatch begin = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    store.beforeVisit = key -> waitFor(begin);
    store.atScanEnd = () -> waitFor(end);
    index.start();
    var scanned = CompletableFuture.supplyAsync(() -> exists("a:"));
    var told = CompletableFuture.supplyAsync(() -> exists("b:"));
    assertThat(index.directoryIfKnown(b("a:"))).isEmpty();
    begin.countDown();
    assertThat(scanned.get(30, TimeUnit.SECONDS)).isTrue();
    store.put("b:1", Type.STRING).tell("b:1");
    assertThat(told.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(index.isComplete()).isFalse();
    assertThat(index.directoryIfKnown(b("a:"))).contains(true);
    assertThat(index.directoryIfKnown(b("c:"))).isEmpty();
    end.countDown();
    assertThat(index.awaitComplete(LONG)).isTrue();
    assertThat(index.directoryIfKnown(b("c:"))).contains(false);
  }

  @Test
  void aClosedIndexTellsThoseWhoWait() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    store.atScanEnd = () -> waitFor(goOn);
    index.start();
    var listing = CompletableFuture.supplyAsync(() -> list("a:"));
    // Not in the common pool: of its threads, on two cores just one, the listing has one.
    new Thread(index::close).start();
    assertThatThrownBy(() -> listing.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("closed");
    goOn.countDown();
  }

  @Test
  void tooManyKeysThatNobodyAsksAboutAreSettledInTheBackground() throws Exception {
    index =
        new LiveIndex(store, new Keyspace(Bytes.EMPTY, b(":")), LONG, Duration.ofMillis(1), 100);
    follow();
    for (int i = 0; i < 10_000; i++) {
      store.tell("session:" + i);
    }
    await().atMost(LONG).until(() -> index.size() <= 100);
    assertThat(list("")).isEmpty();
  }

  @Test
  void keysThatExistMayChangeWithoutCost() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      store.put("counter:" + i, Type.STRING);
    }
    index =
        new LiveIndex(store, new Keyspace(Bytes.EMPTY, b(":")), LONG, Duration.ofMillis(1), 100);
    follow();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 1_000; i++) {
        store.tell("counter:" + i);
      }
    }
    Thread.sleep(200);
    assertThat(store.trips).isEmpty();
    assertThat(list("counter:")).hasSize(1_000);
  }

  /** A store that reports nothing, as an old server. */
  private LiveIndex withoutFeed() throws InterruptedException {
    store.refusesToReport = true;
    LiveIndex looking =
        new LiveIndex(
            store,
            new Keyspace(Bytes.EMPTY, b(":")),
            LONG,
            Duration.ofMillis(1),
            100_000,
            Duration.ofMillis(50));
    looking.start();
    assertThat(looking.awaitComplete(LONG)).isTrue();
    return looking;
  }

  @Test
  void withoutReportsAllKeysAreLookedThroughAgain() throws Exception {
    store.put("a:b", Type.STRING);
    store.put("gone", Type.STRING);
    index = withoutFeed();
    assertThat(index.isLive()).isFalse();
    assertThat(list("")).containsExactly("a/", "gone=STRING");
    store.put("c:d", Type.LIST);
    store.remove("gone");
    await().atMost(LONG).untilAsserted(() -> assertThat(list("")).containsExactly("a/", "c/"));
    assertThat(list("c:")).containsExactly("d=LIST");
    assertThat(index.mayExist(b("never told of"))).isTrue();
    store.put("c:d", Type.STRING);
    await().atMost(LONG).untilAsserted(() -> assertThat(list("c:")).containsExactly("d=STRING"));
  }

  @Test
  void withoutReportsNobodyWaitsForTheNextScan() throws Exception {
    store.put("a:b", Type.STRING).put("other", Type.STRING);
    CountDownLatch scanning = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    index = withoutFeed();
    store.remove("a:b");
    store.beforeVisit =
        key -> {
          scanning.countDown();
          waitFor(goOn);
        };
    waitFor(scanning);
    assertThat(index.isComplete()).isTrue();
    assertThat(list("")).containsExactly("other=STRING");
    goOn.countDown();
  }

  @Test
  void withReportsNothingIsLookedThroughAgain() throws Exception {
    index =
        new LiveIndex(
            store,
            new Keyspace(Bytes.EMPTY, b(":")),
            LONG,
            Duration.ofMillis(1),
            100_000,
            Duration.ofMillis(1));
    follow();
    assertThat(index.isLive()).isTrue();
    int before = store.scans;
    Thread.sleep(200);
    assertThat(store.scans).isEqualTo(before);
  }

  static void waitFor(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
