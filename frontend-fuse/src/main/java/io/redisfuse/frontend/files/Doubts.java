package io.redisfuse.frontend.files;

import io.redisfuse.frontend.tree.LiveIndex;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Things that changes have made doubtful, and somebody who looks at them on a thread of its own:
 * however often one is doubted meanwhile, it is looked at once, after the last time.
 *
 * <p>Safe for threads.
 */
final class Doubts<T> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Doubts.class);

  /** Between two looks, so that what changes all the time is not asked about all the time. */
  private static final Duration PAUSE = Duration.ofMillis(2);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);

  private final LiveIndex index;
  private final Function<List<T>, Collection<T>> look;
  private final Thread thread;

  /** Guarded by itself. */
  private final Set<T> doubted = new LinkedHashSet<>();

  /**
   * @param look looks at things; returns those of which it could not be told, to be looked at again
   */
  Doubts(String threadName, LiveIndex index, Function<List<T>, Collection<T>> look) {
    this.index = index;
    this.look = look;
    this.thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void add(T thing) {
    synchronized (doubted) {
      if (doubted.add(thing)) {
        doubted.notifyAll();
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        Collection<T> failed = looked(take());
        failed.forEach(this::add);
        index.awaitComplete(PAUSE_AFTER_FAILURE);
        Thread.sleep((failed.isEmpty() ? PAUSE : PAUSE_AFTER_FAILURE).toMillis());
      }
    } catch (InterruptedException e) {
      log.debug("The file system is closed.", e);
    }
  }

  private Collection<T> looked(List<T> things) {
    try {
      return look.apply(things);
    } catch (RuntimeException e) {
      log.error("Looking whether {} are still there failed unexpectedly.", things, e);
      return List.of();
    }
  }

  private List<T> take() throws InterruptedException {
    synchronized (doubted) {
      while (doubted.isEmpty()) {
        doubted.wait();
      }
      List<T> taken = List.copyOf(doubted);
      doubted.clear();
      return taken;
    }
  }
}
