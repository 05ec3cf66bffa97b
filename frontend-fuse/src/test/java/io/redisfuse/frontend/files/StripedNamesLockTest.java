package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StripedNamesLockTest {

  private static final int SHARING = 40;

  private final StripedNamesLock lock = new StripedNamesLock();

  @Test
  void manyShareItAndWhoHasItExclusivelyIsAlone() throws InterruptedException {
    AtomicInteger sharing = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(SHARING);
    CountDownLatch enough = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < SHARING; i++) {
      threads.add(
          new Thread(
              () -> {
                Lock shared = lock.shared();
                shared.lock();
                try {
                  sharing.incrementAndGet();
                  all.countDown();
                  enough.await();
                  sharing.decrementAndGet();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } finally {
                  shared.unlock();
                }
              }));
    }
    threads.forEach(Thread::start);
    assertThat(all.await(30, TimeUnit.SECONDS)).as("all share it").isTrue();

    AtomicInteger seen = new AtomicInteger(-1);
    Thread exclusive =
        new Thread(
            () -> {
              lock.lockExclusively();
              seen.set(sharing.get());
              lock.unlockExclusively();
            });
    exclusive.start();
    exclusive.join(100);
    assertThat(seen).hasValue(-1);
    enough.countDown();
    exclusive.join();

    assertThat(seen).hasValue(0);
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
