package io.redisfuse.frontend.fuse.kernel;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that read requests and serve them: a few in quiet times, and as many as there are
 * requests that wait for something, so that these keep no others waiting.
 *
 * <p>Whoever takes a request while nobody else waits for the next one has somebody do that. Those
 * who are too many end, but not before nobody was missing for a while: to begin and to end costs
 * more than most requests.
 */
final class Readers {

  private static final Logger log = LoggerFactory.getLogger(Readers.class);

  /** Nobody ends before so long nobody was missing. */
  private static final long REST_NANOS = Duration.ofSeconds(2).toNanos();

  private final int few;
  private final int most;
  private final Runnable loop;

  /** When somebody was last missing, in terms of {@link System#nanoTime}. */
  private volatile long missed = System.nanoTime();

  /** How many wait for a request. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** How many there are. */
  private final AtomicInteger count = new AtomicInteger();

  private final AtomicInteger names = new AtomicInteger();
  private final CountDownLatch allEnded = new CountDownLatch(1);

  /**
   * @param few how many there are in quiet times
   * @param most how many there are at most
   * @param loop what each of them does: takes and serves requests until there are no more or it
   *     {@linkplain #isEnough is too many}
   */
  Readers(int few, int most, Runnable loop) {
    this.few = few;
    this.most = most;
    this.loop = loop;
  }

  /** Starts them, and waits until all have ended. */
  void run() {
    // So that it is not over before all have begun.
    count.incrementAndGet();
    for (int i = 0; i < few; i++) {
      start();
    }
    ended();
    boolean interrupted = false;
    while (true) {
      try {
        allEnded.await();
        break;
      } catch (InterruptedException e) {
        // Nobody has a reason to: the descriptor must not be closed before they end.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The caller is going to wait for a request. */
  void waits() {
    waiting.incrementAndGet();
  }

  /** The caller has a request, or there are no more. */
  void takes(boolean isRequest) {
    if (waiting.decrementAndGet() == 0 && isRequest) {
      missed = System.nanoTime();
      if (count.get() < most) {
        start();
      }
    }
  }

  /** Whether there are enough who wait without the caller, who then ends. */
  boolean isEnough() {
    return waiting.get() >= few && System.nanoTime() - missed > REST_NANOS;
  }

  private void start() {
    count.incrementAndGet();
    Thread thread = new Thread(this::runOne, "fuse-" + names.incrementAndGet());
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      log.warn("There is no room for another thread; requests wait for those that are served.", e);
      ended();
    }
  }

  private void runOne() {
    try {
      loop.run();
    } finally {
      ended();
    }
  }

  private void ended() {
    if (count.decrementAndGet() == 0) {
      allEnded.countDown();
    }
  }
}
