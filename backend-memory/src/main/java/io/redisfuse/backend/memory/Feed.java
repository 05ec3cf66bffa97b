package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Subscription;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reports changes to one listener, in a thread of its own and in order. What waits is bounded: when
 * a listener lags too far behind, all that waits becomes one {@link ChangeListener#reset}.
 *
 * <p>The thread also takes out of the store what has expired, so that expiries are reported: no key
 * of its prefix gets a deadline without a change that wakes it.
 */
final class Feed implements Subscription {

  /** How many different keys may wait. */
  static final int CAPACITY = 100_000;

  private static final System.Logger LOG = System.getLogger(Feed.class.getName());

  /** How long expiries may go unnoticed when the clock does not run as the threads do. */
  private static final long CLOCK_CHECK_MILLIS = 1_000;

  private final Store store;
  private final Bytes prefix;
  private final ChangeListener listener;
  private final Thread thread = new Thread(this::run, "redisfuse-memory-feed");

  /** Has a permit when there may be something to report, or the feed has ended. */
  private final Semaphore wake = new Semaphore(0);

  /** Guards the four that follow; the listener is never called under it. */
  private final Object waiting = new Object();

  private Set<Bytes> keys = new LinkedHashSet<>();
  private boolean overflown;

  /** How often keys were taken to report, and up to which of these they were reported. */
  private long offered;

  private long reported;

  private volatile boolean closed;

  Feed(Store store, Bytes prefix, ChangeListener listener) {
    this.store = store;
    this.prefix = prefix;
    this.listener = listener;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Takes the keys to report. Never waits for the listener. */
  void offer(Collection<Bytes> changed) {
    boolean any;
    synchronized (waiting) {
      for (Bytes key : changed) {
        if (!overflown && key.startsWith(prefix)) {
          keys.add(key);
          overflown = keys.size() > CAPACITY;
        }
      }
      if (overflown) {
        keys.clear();
      }
      any = overflown || !keys.isEmpty();
      offered++;
    }
    if (any) {
      wake();
    }
  }

  private void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void run() {
    try {
      while (!closed) {
        store.removeExpired();
        report();
        pause(store.untilNextExpiry());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause(OptionalLong untilExpiry) throws InterruptedException {
    boolean woken = true;
    if (untilExpiry.isEmpty()) {
      wake.acquire();
    } else {
      long millis = Math.min(untilExpiry.getAsLong(), CLOCK_CHECK_MILLIS);
      woken = wake.tryAcquire(millis, TimeUnit.MILLISECONDS);
    }
    if (woken) {
      wake.drainPermits();
    }
  }

  private void report() {
    Set<Bytes> batch;
    boolean reset;
    long upTo;
    synchronized (waiting) {
      upTo = offered;
      batch = keys;
      reset = overflown;
      keys = new LinkedHashSet<>();
      overflown = false;
    }
    if (reset && !closed) {
      call(listener::reset);
    }
    for (Bytes key : batch) {
      if (!closed) {
        call(() -> listener.changed(key));
      }
    }
    synchronized (waiting) {
      reported = upTo;
      waiting.notifyAll();
    }
  }

  @Override
  public boolean catchUp(Duration bound) throws InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    // What has expired was not taken yet, perhaps.
    store.removeExpired();
    synchronized (waiting) {
      long all = offered;
      wake();
      while (!closed && reported < all) {
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
          return false;
        }
        waiting.wait(millis);
      }
      return !closed;
    }
  }

  private static void call(Runnable report) {
    try {
      report.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "A listener of changes failed; the feed goes on.", e);
    }
  }

  @Override
  public void close() {
    store.forget(this);
    closed = true;
    wake.release();
    synchronized (waiting) {
      waiting.notifyAll();
    }
    if (Thread.currentThread() != thread) {
      joinThread();
    }
  }

  private void joinThread() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
