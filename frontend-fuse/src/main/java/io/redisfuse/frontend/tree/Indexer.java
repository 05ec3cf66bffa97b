package io.redisfuse.frontend.tree;

import io.redisfuse.api.Backend;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.GuardedTrie.Work;
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

  private final Backend backend;
  private final Keyspace keyspace;
  private final GuardedTrie guarded;
  private final Resolver resolver;
  private final int mostRumours;
  private final Duration firstPause;
  private Duration pause;
  private boolean failing;

  Indexer(
      Backend backend,
      Keyspace keyspace,
      GuardedTrie guarded,
      Resolver resolver,
      Duration firstPause,
      int mostRumours) {
    this.backend = backend;
    this.keyspace = keyspace;
    this.guarded = guarded;
    this.resolver = resolver;
    this.mostRumours = mostRumours;
    this.firstPause = firstPause;
    this.pause = firstPause;
  }

  @Override
  public void run() {
    try {
      while (true) {
        Work work = guarded.awaitWork();
        if (work == Work.END) {
          return;
        }
        attempt(work);
      }
    } catch (InterruptedException e) {
      log.debug("The index ends: interrupted", e);
    }
  }

  private void attempt(Work work) throws InterruptedException {
    try {
      switch (work) {
        case SCAN -> scan();
        case SETTLE -> resolver.settle(mostRumours);
        case END -> throw new AssertionError("no work");
      }
      if (failing) {
        log.info("The store can be indexed again");
      }
      failing = false;
      pause = firstPause;
    } catch (RuntimeException | Error e) {
      // Whatever it is: without this thread every listing would fail until the next mount.
      if (!failing && !guarded.isClosed()) {
        log.warn("The store cannot be indexed now; trying again until it can", e);
      }
      failing = true;
      guarded.pause(pause, e);
      pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }
  }

  private void scan() {
    long began = System.nanoTime();
    if (scanInto(guarded.look(Trie::beginScan), began)) {
      long millis = (System.nanoTime() - began) / 1_000_000;
      log.debug("Indexed {} keys in {} ms", guarded.look(Trie::size), millis);
    } else {
      log.debug("A scan was given up: a reset or the end came between");
    }
  }

  private boolean scanInto(long scan, long began) {
    try {
      backend.scan(keyspace.root(), (key, type) -> guarded.visit(scan, key, type));
      return guarded.completeScan(scan, System.nanoTime() - began);
    } finally {
      guarded.look(
          trie -> {
            trie.abandonScan();
            return scan;
          });
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
