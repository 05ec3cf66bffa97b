package io.redisfuse.frontend.tree;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a {@link LiveIndex}: scans at the start and after every reset, and settles keys
 * that nobody asks about when they are too many. A failure of the store is logged once, and tried
 * again after a pause that grows until it works.
 */
final class Indexer implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Indexer.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final LiveIndex index;
  private final Duration firstPause;
  private Duration pause;
  private boolean failing;

  Indexer(LiveIndex index, Duration firstPause) {
    this.index = index;
    this.firstPause = firstPause;
    this.pause = firstPause;
  }

  @Override
  public void run() {
    try {
      while (true) {
        LiveIndex.Work work = index.awaitWork();
        if (work == LiveIndex.Work.END) {
          return;
        }
        attempt(work);
      }
    } catch (InterruptedException e) {
      log.debug("The index ends: interrupted", e);
    }
  }

  private void attempt(LiveIndex.Work work) throws InterruptedException {
    try {
      switch (work) {
        case SCAN -> scan();
        case SETTLE -> index.settleMany();
        case END -> throw new AssertionError("no work");
      }
      if (failing) {
        log.info("The store can be indexed again");
      }
      failing = false;
      pause = firstPause;
    } catch (RuntimeException | Error e) {
      // Whatever it is: without this thread every listing would fail until the next mount.
      if (!failing && !index.isClosed()) {
        log.warn("The store cannot be indexed now; trying again until it can", e);
      }
      failing = true;
      index.pause(pause, e);
      pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }
  }

  private void scan() {
    long began = System.nanoTime();
    if (index.scan()) {
      log.info("Indexed {} keys in {} ms", index.size(), (System.nanoTime() - began) / 1_000_000);
    } else {
      log.debug("A scan was given up: a reset or the end came between");
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
