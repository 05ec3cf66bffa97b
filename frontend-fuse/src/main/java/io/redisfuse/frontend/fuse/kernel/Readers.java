package io.redisfuse.frontend.fuse.kernel;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that read requests and serve them: as many as there are requests that wait for
 * something, so that these keep no others waiting, but no more than a few that wait for the next
 * request. The kernel wakes the one that has waited longest, so that many would all do a little,
 * each with cold caches; those beyond the few rest here, and the last to rest is the first to be
 * called.
 *
 * <p>Most requests are served within microseconds, in which it is of no use to wake somebody. So it
 * is looked half a millisecond later whether still nobody waits for the next one.
 */
final class Readers {

  private static final Logger log = LoggerFactory.getLogger(Readers.class);

  /** Whoever was not called for so long ends. */
  private static final long REST_NANOS = Duration.ofSeconds(2).toNanos();

  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /**
   * After so many looks at which nobody was missing it is not looked any more until somebody is.
   */
  private static final int CALM_LOOKS = 20;

  private final int few;
  private final int most;
  private final Runnable loop;

  /** How many wait for a request. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** How many there are. */
  private final AtomicInteger count = new AtomicInteger();

  private final AtomicInteger names = new AtomicInteger();
  private final CountDownLatch allEnded = new CountDownLatch(1);
  private final Thread lookout = new Thread(this::look, "fuse-readers");

  /** Who rests, the last first; guarded by itself. */
  private final Deque<Thread> resting = new ArrayDeque<>();

  /** Whether it is looked whether somebody is missing. */
  private volatile boolean looking;

  private volatile boolean ended;

  /**
   * @param few how many wait for requests at the same time
   * @param most how many there are at most
   * @param loop what each of them does: takes and serves requests until there are no more, or it
   *     {@linkplain #mayRead may not}
   */
  Readers(int few, int most, Runnable loop) {
    this.few = few;
    this.most = most;
    this.loop = loop;
    lookout.setDaemon(true);
  }

  /** Starts them, and waits until all have ended. */
  void run() {
    // So that it is not over before all have begun.
    count.incrementAndGet();
    for (int i = 0; i < few; i++) {
      start();
    }
    lookout.start();
    leave();
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

  /**
   * The caller wants to wait for a request. Rests while there are enough who do; returns false if
   * it is to end.
   */
  boolean mayRead() {
    while (!ended) {
      int now = waiting.get();
      if (now < few) {
        if (waiting.compareAndSet(now, now + 1)) {
          return true;
        }
      } else if (!rest()) {
        return false;
      }
    }
    return false;
  }

  /** The caller waits no more: it has a request, or is going to end. */
  void takes() {
    if (waiting.decrementAndGet() == 0 && !looking) {
      looking = true;
      LockSupport.unpark(lookout);
    }
  }

  /** There are no more requests: all are to end. */
  void end() {
    ended = true;
    LockSupport.unpark(lookout);
    synchronized (resting) {
      resting.forEach(LockSupport::unpark);
    }
  }

  /** Returns whether the caller was called, and not left alone for long. */
  private boolean rest() {
    Thread me = Thread.currentThread();
    synchronized (resting) {
      resting.push(me);
    }
    long until = System.nanoTime() + REST_NANOS;
    while (true) {
      LockSupport.parkNanos(this, until - System.nanoTime());
      synchronized (resting) {
        if (!resting.contains(me)) {
          return true;
        }
        if (ended || System.nanoTime() >= until) {
          resting.remove(me);
          return false;
        }
      }
    }
  }

  private void look() {
    int calm = 0;
    while (!ended) {
      if (!looking) {
        LockSupport.park(this);
        continue;
      }
      LockSupport.parkNanos(this, LOOK_NANOS);
      if (waiting.get() == 0) {
        calm = 0;
        for (int i = 0; i < few; i++) {
          call();
        }
      } else if (++calm > CALM_LOOKS) {
        looking = false;
        calm = 0;
        if (waiting.get() == 0) {
          // Somebody was missing just before, and saw that it is looked.
          looking = true;
        }
      }
    }
  }

  /** Has somebody wait for requests who rests, or is new. */
  private void call() {
    Thread called;
    synchronized (resting) {
      called = resting.poll();
    }
    if (called != null) {
      LockSupport.unpark(called);
    } else if (count.get() < most) {
      start();
    }
  }

  private void start() {
    count.incrementAndGet();
    Thread thread = new Thread(this::runOne, "fuse-" + names.incrementAndGet());
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      log.warn("There is no room for another thread; requests wait for those that are served.", e);
      leave();
    }
  }

  private void runOne() {
    try {
      loop.run();
    } finally {
      leave();
    }
  }

  private void leave() {
    if (count.decrementAndGet() == 0) {
      end();
      allEnded.countDown();
    }
  }
}
