package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Type;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the index says when changes, resets and failures come in the middle of its questions. */
class LiveIndexRaceTest extends IndexTest {

  @Test
  void aChangeDuringADescribeLeavesTheKeyUnresolved() throws Exception {
    follow();
    store.put("a:1", Type.STRING).tell("a:1");
    store.inDescribe =
        once(() -> store.put("a:1", Type.HASH).tell("a:1").put("a:2", Type.SET).tell("a:2"));
    // What the call asked before the change is an answer to this call, and to no other.
    assertThat(list("a:")).containsExactly("1=STRING", "2=SET");
    assertThat(list("a:")).containsExactly("1=HASH", "2=SET");
    assertThat(store.trips).containsExactly(1, 1, 1);
  }

  @Test
  void aDeletionDuringADescribeIsNotMissed() throws Exception {
    store.put("a:1", Type.STRING);
    follow();
    store.tell("a:1");
    store.inDescribe = once(() -> store.remove("a:1").tell("a:1"));
    assertThat(list("a:")).containsExactly("1=STRING");
    assertThat(exists("a:")).isFalse();
    assertThat(list("a:")).isEmpty();
  }

  @Test
  void anAnswerThatComesAfterAResetDoesNotCount() throws Exception {
    store.put("a:1", Type.STRING);
    follow();
    store.tell("a:1");
    store.inDescribe =
        once(
            () -> {
              store.remove("a:1");
              CountDownLatch scanned = new CountDownLatch(1);
              store.atScanEnd = scanned::countDown;
              store.listener.reset();
              LiveIndexTest.waitFor(scanned);
            });
    assertThat(list("a:")).isIn(List.of(), List.of("1=STRING"));
    assertThat(index.awaitComplete(LONG)).isTrue();
    assertThat(list("a:")).isEmpty();
    assertThat(exists("a:")).isFalse();
  }

  @Test
  void aListingEndsAlthoughItsKeysChangeAllTheTime() throws Exception {
    store.put("a:0", Type.STRING);
    follow();
    AtomicInteger next = new AtomicInteger(1);
    store.tell("a:0");
    store.inDescribe =
        () -> {
          String key = "a:" + next.getAndIncrement();
          store.put(key, Type.HASH).tell(key).tell("a:0");
        };
    assertThat(list("a:")).contains("0=STRING", "1=HASH", "2=HASH");
    assertThat(exists("a:")).isTrue();
    assertThat(below("a:", 1_000)).contains("a:0", "a:1", "a:2");
    assertThat(store.trips.size()).isLessThan(30);
  }

  @Test
  void aScanDoesNotReviveWhatWasDeletedSinceItBegan() throws Exception {
    store.put("a:1", Type.STRING).put("b:1", Type.STRING).put("c:1", Type.STRING);
    store.beforeVisit =
        onceFor(
            "a:1",
            () -> {
              // The feed told, and somebody asked: nothing is left of it when the scan comes.
              store.remove("a:1").tell("a:1");
              ownValue("a:1:");
              store.remove("b:1");
              index.absent(b("b:1"), index.stamp());
            });
    index.start();
    assertThat(index.awaitComplete(LONG)).isTrue();
    assertThat(index.size()).isEqualTo(1);
    assertThat(list("")).containsExactly("c/");
    assertThat(list("a:")).isEmpty();
    assertThat(list("b:")).isEmpty();
    assertThat(store.scans).isEqualTo(1);
  }

  @Test
  void aScanDoesNotOverrideWhatIsNewer() throws Exception {
    store.put("a", Type.STRING).put("b", Type.STRING).put("c", Type.STRING).putEmpty("m:");
    store.beforeVisit =
        onceFor(
            "a",
            () -> {
              index.present(b("a"), Type.HASH, index.stamp());
              store.put("b", Type.LIST).tell("b");
              index.marker(b("m:"), index.stamp());
            });
    follow();
    assertThat(list("")).containsExactly("a=HASH", "b=LIST", "c=STRING", "m/");
    assertThat(store.trips).containsExactly(1);
  }

  @Test
  void aKeyThatCameDuringTheScanUnvisitedIsKept() throws Exception {
    store.put("a", Type.STRING);
    follow();
    store.beforeVisit = onceFor("a", () -> store.put("b", Type.SET).tell("b"));
    store.scans = 0;
    reset();
    assertThat(store.scans).isEqualTo(1);
    assertThat(list("")).containsExactly("a=STRING", "b=SET");
  }

  @Test
  void aStampFromBeforeAReportedChangeIsNotTrusted() throws Exception {
    store.put("gone", Type.STRING).put("a", Type.STRING);
    follow();
    long stamp = index.stamp();
    // Between the commits of this mount and its word, somebody else was there, and the feed told.
    store.put("a", Type.HASH).tell("a").put("gone", Type.LIST).tell("gone");
    store.tell("b");
    assertThat(list("")).containsExactly("a=HASH", "gone=LIST");
    index.present(b("a"), Type.STRING, stamp);
    index.absent(b("gone"), stamp);
    index.present(b("b"), Type.STRING, stamp);
    assertThat(list("")).containsExactly("a=HASH", "gone=LIST");
  }

  @Test
  void ofTwoChangesOfThisMountThatCrossedTheStoreIsAsked() throws Exception {
    follow();
    long stamp = index.stamp();
    index.absent(b("a"), stamp);
    index.present(b("a"), Type.STRING, stamp);
    assertThat(list("")).isEmpty();
    store.put("a", Type.STRING);
    index.present(b("a"), Type.STRING, stamp);
    index.absent(b("a"), stamp);
    assertThat(list("")).containsExactly("a=STRING");
  }

  @Test
  void aStampFromBeforeAResetIsNotTrusted() throws Exception {
    store.put("a", Type.STRING);
    follow();
    long stamp = index.stamp();
    reset();
    store.put("b", Type.SET);
    index.absent(b("a"), stamp);
    index.present(b("b"), Type.STRING, stamp);
    index.present(b("c"), Type.STRING, stamp);
    assertThat(list("")).containsExactly("a=STRING", "b=SET");
  }

  @Test
  void anAnswerThatIsOnItsWayDoesNotOverrideAChangeOfThisMount() throws Exception {
    follow();
    store.put("a", Type.STRING).tell("a");
    store.inDescribe = once(() -> index.present(b("a"), Type.HASH, index.stamp()));
    list("");
    assertThat(list("")).containsExactly("a=HASH");
    assertThat(store.trips).containsExactly(1);
  }

  @Test
  void aResetDuringAScanScansAgain() throws Exception {
    store.put("a", Type.STRING).put("b", Type.STRING);
    store.beforeVisit =
        onceFor(
            "b",
            () -> {
              store.remove("a").put("c", Type.SET);
              store.listener.reset();
              assertThat(index.isComplete()).isFalse();
            });
    follow();
    assertThat(store.scans).isEqualTo(2);
    assertThat(list("")).containsExactly("b=STRING", "c=SET");
  }

  @Test
  void aResetAtTheVeryEndOfAScanScansAgain() throws Exception {
    store.put("a", Type.STRING);
    store.atScanEnd =
        once(
            () -> {
              store.remove("a").put("b", Type.STRING);
              store.listener.reset();
            });
    follow();
    assertThat(store.scans).isEqualTo(2);
    assertThat(list("")).containsExactly("b=STRING");
  }

  @Test
  void whatVanishedDuringALostConnectionIsGoneAfterTheScan() throws Exception {
    store.put("a:b:1", Type.STRING).put("a:b:2", Type.STRING).put("k", Type.STRING);
    store.put("c:1", Type.STRING).putEmpty("m:").putEmpty("n:").put("u:1", Type.STRING);
    follow();
    assertThat(list("")).containsExactly("a/", "c/", "k=STRING", "m/", "n/", "u/");
    store.tell("u:1").remove("u:1");
    store.remove("a:b:1").remove("a:b:2").remove("m:").put("c:1", Type.LIST).put("d", Type.SET);
    reset();
    assertThat(list("")).containsExactly("c/", "d=SET", "k=STRING", "n/");
    assertThat(list("c:")).containsExactly("1=LIST");
    assertThat(exists("a:")).isFalse();
    assertThat(index.size()).isEqualTo(4);
  }

  @Test
  void nothingThatWasKnownBeforeAResetIsTakenForSureBeforeTheScanEnded() throws Exception {
    store.put("a:1", Type.STRING).put("b:1", Type.STRING).put("k", Type.STRING);
    follow();
    CountDownLatch goOn = new CountDownLatch(1);
    store.beforeVisit = key -> LiveIndexTest.waitFor(goOn);
    store.remove("a:1").put("k", Type.HASH);
    store.listener.reset();
    assertThat(index.isComplete()).isFalse();
    assertThat(exists("b:")).isTrue();
    assertThat(store.trips).containsExactly(1);
    assertThat(ownValue("k:")).contains(Type.HASH);
    var gone = CompletableFuture.supplyAsync(() -> exists("a:"));
    var listing = CompletableFuture.supplyAsync(() -> list(""));
    goOn.countDown();
    assertThat(gone.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(listing.get(30, TimeUnit.SECONDS)).containsExactly("b/", "k=HASH");
  }

  @Test
  void aScanThatFailsIsTriedAgainAndSaysSoOnce() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Indexer.class);
    ListAppender<ILoggingEvent> messages = new ListAppender<>();
    messages.start();
    logger.addAppender(messages);
    try {
      store.put("a", Type.STRING).put("b", Type.STRING);
      AtomicInteger failures = new AtomicInteger(5);
      store.beforeVisit =
          key -> {
            if (key.equals("b") && failures.getAndDecrement() > 0) {
              throw new BackendUnavailableException("The store does not answer.", null);
            }
          };
      follow();
      assertThat(store.scans).isEqualTo(6);
      assertThat(list("")).containsExactly("a=STRING", "b=STRING");
      assertThat(messages.list).filteredOn(e -> e.getLevel() == Level.WARN).hasSize(1);
    } finally {
      logger.detachAppender(messages);
    }
  }

  @Test
  void whateverGoesWrongInAScanItIsTriedAgain() throws Exception {
    store.put("a", Type.STRING);
    store.beforeVisit =
        onceFor(
            "a",
            () -> {
              throw new AssertionError("a bug in a backend");
            });
    follow();
    assertThat(list("")).containsExactly("a=STRING");
  }

  @Test
  void aListingThatFailsAsksAgainTheNextTime() throws Exception {
    follow();
    store.put("a", Type.STRING).tell("a");
    store.inDescribe =
        once(
            () -> {
              throw new BackendUnavailableException("The store does not answer.", null);
            });
    assertThatThrownBy(() -> list("")).isInstanceOf(BackendUnavailableException.class);
    assertThat(list("")).containsExactly("a=STRING");
  }

  @Test
  void aScanThatFailedKeepsNothingOfWhatWasDeletedMeanwhile() throws Exception {
    store.put("a:1", Type.STRING).put("b", Type.STRING);
    AtomicInteger failures = new AtomicInteger(1);
    store.beforeVisit =
        key -> {
          if (key.equals("b") && failures.getAndDecrement() > 0) {
            store.remove("a:1");
            index.absent(b("a:1"), index.stamp());
            throw new BackendUnavailableException("The store does not answer.", null);
          }
        };
    follow();
    assertThat(list("")).containsExactly("b=STRING");
  }

  private static Runnable once(Runnable action) {
    AtomicInteger left = new AtomicInteger(1);
    return () -> {
      if (left.getAndDecrement() > 0) {
        action.run();
      }
    };
  }

  private static Consumer<String> onceFor(String key, Runnable action) {
    Runnable once = once(action);
    return visited -> {
      if (visited.equals(key)) {
        once.run();
      }
    };
  }
}
