package io.redisfuse.frontend.tree;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A {@link Trie} for many threads, and what they wait for: those who ask, that it is complete; the
 * indexer, that there is work.
 *
 * <p>One lock guards all of it. It is never held while the store is asked or somebody waits, so a
 * slow store holds up neither the feed nor those who find what they need here.
 */
final class GuardedTrie {

  /** What the indexer has to do. */
  enum Work {
    SCAN,
    SETTLE,
    END
  }

  /** A rest is so many times as long as the scan before it. */
  private static final int REST_PER_SCAN = 20;

  private final Keyspace keyspace;
  private final int mostRumours;

  /** Guards the trie and all fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  /** The trie became complete, or closed, or something appeared that is awaited. */
  private final Condition news = lock.newCondition();

  /** There is something for the indexer to do. */
  private final Condition work = lock.newCondition();

  private final Trie trie;

  /** Stems that somebody waits to see in an incomplete trie. */
  private final List<Bytes> awaited = new ArrayList<>();

  /**
   * If set, there is another scan after each, and a rest of this length at least. May be read
   * without the lock.
   */
  private volatile Optional<Duration> rest = Optional.empty();

  private long restEnds;
  private boolean complete;
  private boolean closed;

  /** Why the store could not be scanned, while it cannot. */
  private Optional<Throwable> trouble = Optional.empty();

  /**
   * @param mostRumours of so many keys it may be unknown whether they exist, until somebody asks
   */
  GuardedTrie(Keyspace keyspace, int mostRumours) {
    this.keyspace = keyspace;
    this.mostRumours = mostRumours;
    this.trie = new Trie(keyspace);
  }

  /** What {@code look} sees, or does, under the lock. */
  <T> T look(Function<Trie, T> look) {
    lock.lock();
    try {
      return look.apply(trie);
    } finally {
      lock.unlock();
    }
  }

  /** Tells the trie of a key, unless the mount does not show it, and then those who await it. */
  void tell(Bytes key, Consumer<Trie> tale) {
    if (!keyspace.contains(key)) {
      return;
    }
    lock.lock();
    try {
      tale.accept(trie);
      wakeThoseWhoAwait(key);
      if (trie.rumours() > mostRumours) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Changes what is retained. */
  void retain(Consumer<Trie> change) {
    lock.lock();
    try {
      change.accept(trie);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void reset() {
    lock.lock();
    try {
      trie.reset();
      complete = false;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a scan that began after the last reset has ended. */
  boolean isComplete() {
    lock.lock();
    try {
      return complete;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the trie is complete or closed, or {@code bound} is over; whether it is. */
  boolean awaitComplete(Duration bound) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = bound.toNanos();
      while (!complete && !closed && left > 0) {
        left = news.awaitNanos(left);
      }
      return complete;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the trie is complete.
   *
   * @throws BackendUnavailableException if it is not in time
   */
  void requireComplete(Bytes stem, Duration timeLimit) {
    try {
      if (!awaitComplete(timeLimit)) {
        throw stillIndexing(stem);
      }
    } catch (InterruptedException e) {
      throw interrupted(stem, e);
    }
  }

  /**
   * Waits until the trie is complete or something may be in the directory.
   *
   * @param deadline in terms of {@link System#nanoTime}
   * @throws BackendUnavailableException if neither is so in time
   */
  void awaitNews(Bytes stem, long deadline) {
    lock.lock();
    try {
      awaited.add(stem);
      long left = deadline - System.nanoTime();
      while (!complete) {
        if (left <= 0 || closed) {
          throw stillIndexing(stem);
        }
        TrieNode node = trie.directory(stem);
        if (node != null && (node.isSurelyDirectory() || node.unresolvedBelow() > 0)) {
          return;
        }
        left = news.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw interrupted(stem, e);
    } finally {
      awaited.remove(stem);
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits any more, and the indexer ends. */
  void close() {
    lock.lock();
    try {
      closed = true;
      news.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Work awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          return Work.END;
        }
        if (!complete) {
          return Work.SCAN;
        }
        if (trie.rumours() > mostRumours) {
          return Work.SETTLE;
        }
        if (rest.isEmpty()) {
          work.await();
        } else if (work.awaitNanos(restEnds - System.nanoTime()) <= 0 && !closed) {
          // What was known is asked about when somebody looks at it; nobody has to wait.
          trie.reset();
          return Work.SCAN;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nobody reports changes: after each scan, and a rest, there is another one. The rest is longer
   * where the scans are long, so that they take a small part of the store's time.
   */
  void scanAgainAfter(Duration shortestRest) {
    lock.lock();
    try {
      rest = Optional.of(shortestRest);
    } finally {
      lock.unlock();
    }
  }

  boolean scansAgain() {
    return rest.isPresent();
  }

  /** Waits after a failure; a reset, since it follows a reconnect, and the close end the wait. */
  void pause(Duration pause, Throwable cause) throws InterruptedException {
    lock.lock();
    try {
      trouble = Optional.of(cause);
      long epoch = trie.epoch();
      long left = pause.toNanos();
      while (left > 0 && !closed && trie.epoch() == epoch) {
        left = work.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** See {@link Trie#visit}; nor is a scan of use after the close. */
  boolean visit(long scan, Bytes key, Type type) {
    boolean shown = keyspace.contains(key);
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      boolean useful = !shown || trie.visit(scan, key, type);
      wakeThoseWhoAwait(key);
      return useful;
    } finally {
      lock.unlock();
    }
  }

  /**
   * See {@link Trie#completeScan}.
   *
   * @param took how long the scan took, in nanoseconds
   */
  boolean completeScan(long scan, long took) {
    lock.lock();
    try {
      complete = !closed && trie.completeScan(scan);
      if (complete) {
        trouble = Optional.empty();
        rest.ifPresent(
            shortest ->
                restEnds = System.nanoTime() + Math.max(shortest.toNanos(), took * REST_PER_SCAN));
        news.signalAll();
      }
      return complete;
    } finally {
      lock.unlock();
    }
  }

  private void wakeThoseWhoAwait(Bytes key) {
    for (Bytes stem : awaited) {
      if (key.startsWith(stem)) {
        news.signalAll();
        return;
      }
    }
  }

  private BackendUnavailableException stillIndexing(Bytes stem) {
    lock.lock();
    try {
      String directory = stem.isEmpty() ? "the root directory" : "directory " + stem;
      if (closed) {
        return new BackendUnavailableException(
            "Nobody can look into " + directory + " any more: the index is closed.", null);
      }
      String cannot = directory + " cannot be shown yet; try again ";
      return trouble
          .map(
              cause ->
                  new BackendUnavailableException(
                      "Still indexing, as the store fails ("
                          + cause.getMessage()
                          + "): "
                          + cannot
                          + "when it is back.",
                      cause))
          .orElseGet(
              () ->
                  new BackendUnavailableException(
                      "Still indexing, " + trie.size() + " keys so far: " + cannot + "in a moment.",
                      null));
    } finally {
      lock.unlock();
    }
  }

  private static BackendUnavailableException interrupted(Bytes stem, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new BackendUnavailableException(
        "Waiting for the index of directory " + stem + " was interrupted.", e);
  }
}
