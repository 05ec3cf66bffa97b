package io.redisfuse.backend.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the memory backend reports changes. */
@Timeout(60)
final class FeedTest {

  private static final Bytes RESET = Bytes.utf8("(reset)");

  private final SettableClock clock = new SettableClock();
  private final MemoryBackend backend = new MemoryBackend(clock);
  private final List<Bytes> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    backend.close();
  }

  private Subscription watch(String prefix, Consumer<Bytes> listener) {
    return backend.watch(
        Bytes.utf8(prefix),
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            listener.accept(key);
          }

          @Override
          public void reset() {
            listener.accept(RESET);
          }
        });
  }

  private void put(String key) {
    backend.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.EMPTY)));
  }

  private void awaitHeard(String... keys) {
    List<Bytes> expected = List.of(keys).stream().map(Bytes::utf8).toList();
    await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(heard).isEqualTo(expected));
  }

  @Test
  void changesUnderThePrefixAreReportedInOrder() {
    watch("a:", heard::add);

    put("a:2");
    put("b:1");
    put("a:1");
    put("a:3");

    awaitHeard("a:2", "a:1", "a:3");
  }

  @Test
  void aTransactionThatFailedIsNotReported() {
    watch("", heard::add);

    try {
      backend.commit(
          Transaction.of(
              new Change.Put(Cell.string(Bytes.utf8("a")), Bytes.EMPTY),
              new Change.MoveKey(Bytes.utf8("none"), Bytes.utf8("to"))));
    } catch (ConflictException e) {
      put("b");
    }

    awaitHeard("b");
  }

  /** Blocks the listener in its first call, until the latch opens. */
  private Consumer<Bytes> blockingUntil(CountDownLatch open, CountDownLatch blocked) {
    return key -> {
      heard.add(key);
      blocked.countDown();
      try {
        open.await(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts a listener", e);
      }
    };
  }

  @Test
  void aListenerThatHangsHoldsNobodyUp() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    watch("", blockingUntil(open, blocked));
    put("first");
    blocked.await();

    put("second");
    assertThat(backend.read(Cell.string(Bytes.utf8("second")))).isPresent();
    watch("", key -> {}).close();

    open.countDown();
    awaitHeard("first", "second");
  }

  @Test
  void aKeyThatChangesOftenWaitsOnce() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    watch("", blockingUntil(open, blocked));
    put("first");
    blocked.await();

    for (int i = 0; i < 100; i++) {
      put("often");
      put("first");
    }
    open.countDown();

    awaitHeard("first", "often", "first");
  }

  @Test
  void aListenerThatLagsTooFarBehindIsToldThatAnythingMayHaveChanged() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    watch("", blockingUntil(open, blocked));
    put("first");
    blocked.await();

    Transaction.Builder many = Transaction.builder();
    for (int i = 0; i <= Feed.CAPACITY; i++) {
      many.put(Cell.string(Bytes.utf8("key" + i)), Bytes.EMPTY);
    }
    backend.commit(many.build());
    put("while it lags");
    open.countDown();
    awaitHeard("first", RESET.toUtf8());

    put("afterwards");
    awaitHeard("first", RESET.toUtf8(), "afterwards");
  }

  @Test
  void aListenerThatThrowsGoesOnHearing() {
    watch(
        "",
        key -> {
          heard.add(key);
          throw new IllegalStateException("the listener's own fault, which this test provokes");
        });

    put("a");
    put("b");

    awaitHeard("a", "b");
  }

  @Test
  void aListenerMayEndItsOwnFeed() {
    AtomicReference<Subscription> subscription = new AtomicReference<>();
    CountDownLatch watching = new CountDownLatch(1);
    subscription.set(
        watch(
            "",
            key -> {
              try {
                watching.await();
              } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts a listener", e);
              }
              subscription.get().close();
              heard.add(key);
            }));
    watching.countDown();

    put("a");
    awaitHeard("a");
    put("b");
    subscription.get().close();

    awaitHeard("a");
  }

  @Test
  void closeWaitsForTheCallThatIsUnderWay() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    Subscription subscription = watch("", blockingUntil(open, blocked));
    put("a");
    blocked.await();

    Thread closing = new Thread(subscription::close);
    closing.start();
    await().until(() -> closing.getState() == Thread.State.WAITING);
    put("b");
    open.countDown();
    closing.join();

    assertThat(heard).containsExactly(Bytes.utf8("a"));
  }

  @Test
  void anExpiryIsReportedWithoutAnybodyTouchingTheKey() {
    put("a");
    backend.commit(
        Transaction.of(new Change.Expire(Bytes.utf8("a"), Optional.of(Duration.ofDays(1)))));
    watch("", heard::add);

    clock.advance(Duration.ofDays(1));

    awaitHeard("a");
  }

  @Test
  void theFeedsThreadEndsWithIt() {
    Subscription subscription = watch("", heard::add);
    List<Thread> threads = feedThreads();
    subscription.close();

    assertThat(threads).isNotEmpty();
    assertThat(feedThreads()).hasSizeLessThan(threads.size());
  }

  private static List<Thread> feedThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("redisfuse-memory-feed"))
        .toList();
  }
}
