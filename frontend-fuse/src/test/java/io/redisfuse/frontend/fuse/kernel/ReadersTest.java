package io.redisfuse.frontend.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadersTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Runnable LEAVES = () -> {};

  /** What is done for a request; null ends all. */
  private final BlockingQueue<AtomicReference<Runnable>> requests = new LinkedBlockingQueue<>();

  private final AtomicInteger served = new AtomicInteger();
  private Readers readers;

  private Thread start(int few, int most) {
    readers = new Readers(few, most, this::loop);
    Thread thread = new Thread(readers::run);
    thread.start();
    return thread;
  }

  private void loop() {
    while (readers.mayRead()) {
      Runnable work;
      try {
        work = requests.take().get();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      } finally {
        readers.takes();
      }
      if (work == null) {
        readers.end();
        // The next one finds the end, too, as with the kernel's device.
        requests.add(new AtomicReference<>());
        return;
      }
      if (work == LEAVES) {
        return;
      }
      work.run();
      served.incrementAndGet();
    }
  }

  private void ask(Runnable work) {
    requests.add(new AtomicReference<>(work));
  }

  @Test
  void requestsThatWaitKeepNoOthersWaiting() throws Exception {
    Thread all = start(2, 64);
    CountDownLatch gate = new CountDownLatch(1);
    for (int i = 0; i < 40; i++) {
      ask(
          () -> {
            try {
              gate.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
    }
    ask(() -> {});

    await().atMost(LONG).until(() -> served.get() == 1);
    gate.countDown();
    await().atMost(LONG).until(() -> served.get() == 41);
    requests.add(new AtomicReference<>());
    all.join(LONG.toMillis());
    assertThat(all.isAlive()).isFalse();
  }

  @Test
  void oneThatEndsByItselfEndsNoOthers() throws Exception {
    Thread all = start(2, 4);
    ask(LEAVES);
    ask(() -> {});

    await().atMost(LONG).until(() -> served.get() == 1);
    requests.add(new AtomicReference<>());
    all.join(LONG.toMillis());
    assertThat(all.isAlive()).isFalse();
  }
}
