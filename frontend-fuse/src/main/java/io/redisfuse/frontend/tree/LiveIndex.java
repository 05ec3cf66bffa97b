package io.redisfuse.frontend.tree;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.Inquiry.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * What exists: follows the keyspace through one scan and then the change feed.
 *
 * <p>A change that the feed reports makes its key <em>unresolved</em> and costs nothing more until
 * someone asks; then the store is asked about all unresolved keys that matter, a thousand in a
 * round trip. After a {@code reset} of the feed nothing that was known counts until the store or
 * the scan that follows has confirmed it.
 *
 * <p>A directory exists if it is the root; if a key exists that starts with its stem, be it only
 * the directory's marker; or if it, or a directory in it, is retained on this machine. An empty
 * string whose key is the stem of a directory is a marker and nothing else; any other value of such
 * a key is an ordinary key with an empty last segment. Keys outside the keyspace are not there.
 *
 * <p>Answers are of a moment during the call, as far as the feed had told by its begin. Methods
 * that may ask the store throw what it throws, and {@link BackendUnavailableException} if the index
 * is not complete in time; all others only compute.
 *
 * <p>Safe for threads. One lock guards everything; it is never held while the store is asked or
 * somebody waits, so the feed is never held up by a slow store.
 */
public final class LiveIndex implements AutoCloseable {

  /** Keys of one call of the store, as the SPI counts a round trip. */
  private static final int TRIP = 1_000;

  /** So many unresolved keys may wait for somebody to ask, at about 150 bytes each. */
  private static final int MOST_UNRESOLVED = 100_000;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Backend backend;
  private final Keyspace keyspace;
  private final Duration timeLimit;
  private final int mostUnresolved;
  private final Thread indexer;

  /** Guards the trie and all fields below. Never held during a call of the backend or a wait. */
  private final ReentrantLock lock = new ReentrantLock();

  /** The index became complete, or closed, or something appeared that is awaited. */
  private final Condition news = lock.newCondition();

  /** There is something for the indexer to do. */
  private final Condition work = lock.newCondition();

  private final Trie trie;

  /** Stems that somebody waits to see in an incomplete index. */
  private final List<Bytes> awaited = new ArrayList<>();

  private boolean complete;
  private boolean closed;
  private Optional<Subscription> subscription = Optional.empty();

  /** Why the store could not be scanned, while it cannot. */
  private Optional<Throwable> trouble = Optional.empty();

  /**
   * @param timeLimit how long a caller waits for an index that is not complete
   */
  public LiveIndex(Backend backend, Keyspace keyspace, Duration timeLimit) {
    this(backend, keyspace, timeLimit, FIRST_PAUSE, MOST_UNRESOLVED);
  }

  LiveIndex(
      Backend backend,
      Keyspace keyspace,
      Duration timeLimit,
      Duration firstPause,
      int mostUnresolved) {
    this.backend = requireNonNull(backend);
    this.keyspace = requireNonNull(keyspace);
    this.timeLimit = requireNonNull(timeLimit);
    this.mostUnresolved = mostUnresolved;
    this.trie = new Trie(keyspace);
    this.indexer = new Thread(new Indexer(this, firstPause), "redisfuse-index");
    indexer.setDaemon(true);
  }

  /**
   * Subscribes to the change feed, and then scans on a thread of its own. Once only.
   *
   * @throws BackendUnavailableException if the feed cannot be started
   */
  public void start() {
    Subscription feed =
        backend.watch(
            keyspace.root(),
            new ChangeListener() {
              @Override
              public void changed(Bytes key) {
                doubt(key);
              }

              @Override
              public void reset() {
                onReset();
              }
            });
    lock.lock();
    try {
      subscription = Optional.of(feed);
    } finally {
      lock.unlock();
    }
    indexer.start();
  }

  /** Whether all keys are known: a scan that began after the last reset has ended. */
  public boolean isComplete() {
    lock.lock();
    try {
      return complete;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the index is complete.
   *
   * @return whether it is; not so after {@code bound}, or when the index is closed
   */
  public boolean awaitComplete(Duration bound) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    lock.lockInterruptibly();
    try {
      while (!complete && !closed) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        news.awaitNanos(left);
      }
      return complete;
    } finally {
      lock.unlock();
    }
  }

  /** How many keys are known, those included that may be gone or are not confirmed yet. */
  public long size() {
    lock.lock();
    try {
      return trie.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a directory exists. Does not ask the store if something is known to be in it; waits for
   * an incomplete index only if nothing is.
   */
  public boolean directoryExists(Bytes stem) {
    if (stem.equals(keyspace.root())) {
      return true;
    }
    long deadline = System.nanoTime() + timeLimit.toNanos();
    Optional<Boolean> exists = directoryIfKnown(stem);
    while (exists.isEmpty() && awaitNews(stem, deadline)) {
      exists = directoryIfKnown(stem);
    }
    return exists.orElse(false);
  }

  /**
   * As {@link #directoryExists}, but does not wait: empty if an incomplete index knows of nothing
   * in the directory.
   */
  public Optional<Boolean> directoryIfKnown(Bytes stem) {
    if (stem.equals(keyspace.root())) {
      return Optional.of(true);
    }
    boolean all = isComplete();
    boolean exists =
        settled(
            inquiry -> {
              TrieNode node = trie.directory(stem);
              return node != null && inquiry.isDirectory(node);
            });
    return exists || all ? Optional.of(exists) : Optional.empty();
  }

  /**
   * What is in a directory, in no order; nothing if it does not exist. Waits for an incomplete
   * index.
   */
  public List<Child> list(Bytes stem) {
    awaitComplete(stem);
    return settled(
        inquiry -> {
          List<Child> children = new ArrayList<>();
          TrieNode directory = trie.directory(stem);
          if (directory != null) {
            for (TrieNode node : trie.children(directory)) {
              Optional<Type> key = inquiry.at(node).type();
              boolean isDirectory = inquiry.isDirectory(node);
              if (key.isPresent() || isDirectory) {
                children.add(new Child(node.segment, key, isDirectory));
              }
            }
          }
          return children;
        });
  }

  /**
   * The type of the directory's own key, if that exists, whether or not the directory does. A key
   * that is the marker of the directory above is no value. The root has none. Does not wait for an
   * incomplete index, but asks the store.
   */
  public Optional<Type> ownValue(Bytes stem) {
    Optional<Bytes> key = keyspace.ownKey(stem).filter(keyspace::contains);
    if (key.isEmpty()) {
      return Optional.empty();
    }
    boolean all = isComplete();
    Finding found =
        settled(
            inquiry -> {
              TrieNode node = trie.directory(stem);
              return node == null ? Finding.ABSENT : inquiry.at(node);
            });
    if (!found.exists() && !all) {
      found = describe(List.of(key.get())).get(key.get());
    }
    return found.type();
  }

  /**
   * Keys that start with {@code stem}, the directory's marker and those below it included, in no
   * order. Waits for an incomplete index.
   *
   * @return all of them, or, if there are more than {@code limit}, any {@code limit + 1}
   */
  public List<Bytes> keysBelow(Bytes stem, int limit) {
    awaitComplete(stem);
    return settled(
        inquiry -> {
          List<Bytes> keys = new ArrayList<>();
          TrieNode directory = trie.directory(stem);
          if (directory != null) {
            collectSettled(directory, keys, limit);
            if (keys.size() <= limit) {
              collectUnresolved(directory, inquiry, keys, limit);
            }
          }
          return keys;
        });
  }

  private void collectSettled(TrieNode directory, List<Bytes> keys, int limit) {
    trie.walk(
        directory,
        node -> node.surelyExists() || node.existingBelow > 0,
        node -> {
          if (node.surelyExists()) {
            keys.add(trie.key(node));
          }
          return keys.size() <= limit;
        });
  }

  private void collectUnresolved(TrieNode directory, Inquiry inquiry, List<Bytes> keys, int limit) {
    trie.walk(
        directory,
        Trie::hasUnresolved,
        node -> {
          if (!node.isResolved() && inquiry.at(node).exists()) {
            keys.add(trie.key(node));
          }
          return keys.size() <= limit;
        });
  }

  /**
   * A number for what this mount is about to change: take it before the commit, and give it to
   * {@link #present}, {@link #marker} or {@link #absent} after the commit. If the feed reports the
   * key in between, somebody else may have changed it too, and the key stays unresolved.
   */
  public long stamp() {
    lock.lock();
    try {
      return trie.clock();
    } finally {
      lock.unlock();
    }
  }

  /** This mount committed something after which the key exists, with that type. */
  public void present(Bytes key, Type type, long stamp) {
    committed(key, Finding.of(type), stamp);
  }

  /**
   * This mount committed a directory's marker.
   *
   * @throws IllegalArgumentException if {@code stem} cannot be a marker's key
   */
  public void marker(Bytes stem, long stamp) {
    if (!keyspace.mayBeMarker(stem)) {
      throw new IllegalArgumentException("Not the key of a marker: " + stem);
    }
    committed(stem, Finding.MARKER, stamp);
  }

  /** This mount committed something after which the key does not exist. */
  public void absent(Bytes key, long stamp) {
    committed(key, Finding.ABSENT, stamp);
  }

  private void committed(Bytes key, Finding found, long stamp) {
    if (!keyspace.contains(key)) {
      return;
    }
    lock.lock();
    try {
      trie.assertChanged(key, found, stamp);
      wakeThoseWhoAwait(key);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The directory exists on this machine, although no key may be in it, until {@link #forget}; so,
   * as long, do those above it. For a directory of which only the mount knows, or whose last key
   * went through the mount.
   */
  public void retain(Bytes stem) {
    lock.lock();
    try {
      trie.retain(stem);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether this very directory is retained. */
  public boolean isRetained(Bytes stem) {
    lock.lock();
    try {
      return trie.isRetained(stem);
    } finally {
      lock.unlock();
    }
  }

  /** Ends what {@link #retain} began, of this very directory. */
  public void forget(Bytes stem) {
    lock.lock();
    try {
      trie.forget(stem);
    } finally {
      lock.unlock();
    }
  }

  /** Retained directories at and below {@code fromStem} are retained at the new place instead. */
  public void moveRetained(Bytes fromStem, Bytes toStem) {
    lock.lock();
    try {
      trie.moveRetained(fromStem, toStem);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the feed and the scan; who waits is told. Does not close the backend. Idempotent. */
  @Override
  public void close() {
    Optional<Subscription> feed;
    lock.lock();
    try {
      closed = true;
      feed = subscription;
      subscription = Optional.empty();
      news.signalAll();
      work.signalAll();
    } finally {
      lock.unlock();
    }
    feed.ifPresent(Subscription::close);
    try {
      // A daemon thread: one that is stuck in the store for longer does no harm.
      indexer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The key may have changed: what is known of it no longer counts. For what this mount committed
   * without knowing what came of it; the change feed reports everything else.
   */
  public void doubt(Bytes key) {
    if (!keyspace.contains(key)) {
      return;
    }
    lock.lock();
    try {
      trie.change(key);
      wakeThoseWhoAwait(key);
      if (trie.unresolved() > mostUnresolved) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void onReset() {
    lock.lock();
    try {
      trie.reset();
      complete = false;
      work.signal();
    } finally {
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

  /** What the indexer has to do. */
  enum Work {
    SCAN,
    SETTLE,
    END
  }

  /** Waits for work. */
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
        if (trie.unresolved() > mostUnresolved) {
          return Work.SETTLE;
        }
        work.await();
      }
    } finally {
      lock.unlock();
    }
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

  /**
   * Scans the store into the index.
   *
   * @return whether the index is complete; if not, a reset came between, or the close
   */
  boolean scan() {
    long scan;
    lock.lock();
    try {
      scan = trie.beginScan();
    } finally {
      lock.unlock();
    }
    try {
      backend.scan(keyspace.root(), (key, type) -> visit(scan, key, type));
      return completeScan(scan);
    } finally {
      abandonScan();
    }
  }

  private boolean visit(long scan, Bytes key, Type type) {
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

  private boolean completeScan(long scan) {
    lock.lock();
    try {
      complete = !closed && trie.completeScan(scan);
      if (complete) {
        trouble = Optional.empty();
        news.signalAll();
      }
      return complete;
    } finally {
      lock.unlock();
    }
  }

  private void abandonScan() {
    lock.lock();
    try {
      trie.abandonScan();
    } finally {
      lock.unlock();
    }
  }

  /** Settles what has been left unresolved for so long that it takes too much memory. */
  void settleMany() {
    Inquiry inquiry = new Inquiry(trie);
    lock.lock();
    try {
      int[] left = {mostUnresolved};
      trie.walk(
          trie.root(),
          Trie::hasUnresolved,
          node -> {
            inquiry.at(node);
            return node.isResolved() || --left[0] > 0;
          });
    } finally {
      lock.unlock();
    }
    ask(inquiry);
  }

  /** Looks at the trie, and asks what the look wants to know, until it has no more questions. */
  private <T> T settled(Function<Inquiry, T> look) {
    Inquiry inquiry = new Inquiry(trie);
    while (true) {
      T seen;
      lock.lock();
      try {
        seen = look.apply(inquiry);
      } finally {
        lock.unlock();
      }
      if (!ask(inquiry)) {
        return seen;
      }
    }
  }

  /** Puts the questions of the last look to the store; whether there were any. */
  private boolean ask(Inquiry inquiry) {
    List<Question> questions = inquiry.takeQuestions();
    for (int start = 0; start < questions.size(); start += TRIP) {
      List<Question> trip = questions.subList(start, Math.min(start + TRIP, questions.size()));
      Map<Bytes, Finding> found = describe(trip.stream().map(Question::key).toList());
      lock.lock();
      try {
        for (Question question : trip) {
          Finding finding = found.get(question.key());
          inquiry.answer(question, finding);
          trie.resolve(question.node(), question.changed(), question.epoch(), finding);
        }
      } finally {
        lock.unlock();
      }
    }
    return !questions.isEmpty();
  }

  private Map<Bytes, Finding> describe(List<Bytes> keys) {
    Map<Cell, CellStatus> statuses = backend.describe(keys.stream().map(Cell::string).toList());
    Map<Bytes, Finding> findings = new LinkedHashMap<>();
    for (Bytes key : keys) {
      findings.put(
          key,
          Optional.ofNullable(statuses.get(Cell.string(key)))
              .map(status -> finding(key, status))
              .orElse(Finding.ABSENT));
    }
    return findings;
  }

  private Finding finding(Bytes key, CellStatus status) {
    boolean emptyString = status.type() == Type.STRING && status.size().equals(OptionalLong.of(0));
    return emptyString && keyspace.mayBeMarker(key) ? Finding.MARKER : Finding.of(status.type());
  }

  private void awaitComplete(Bytes stem) {
    try {
      if (!awaitComplete(timeLimit)) {
        throw stillIndexing(stem);
      }
    } catch (InterruptedException e) {
      throw interrupted(stem, e);
    }
  }

  /**
   * Waits until the index is complete or something may be in the directory.
   *
   * @return true
   */
  private boolean awaitNews(Bytes stem, long deadline) {
    lock.lock();
    try {
      awaited.add(stem);
      long left = deadline - System.nanoTime();
      while (!complete) {
        if (left <= 0 || closed) {
          throw stillIndexing(stem);
        }
        TrieNode node = trie.directory(stem);
        if (node != null && (node.isSurelyDirectory() || node.unresolvedBelow > 0)) {
          break;
        }
        left = news.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      throw interrupted(stem, e);
    } finally {
      awaited.remove(stem);
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
      String where = stem.isEmpty() ? "the root directory" : "directory " + stem;
      String message =
          closed
              ? "Nobody can look into " + where + " any more: the index is closed."
              : trouble
                  .map(
                      cause ->
                          "Still indexing, as the store fails ("
                              + cause.getMessage()
                              + "): "
                              + where
                              + " cannot be shown yet; try again when the store is back.")
                  .orElse(
                      "Still indexing, "
                          + trie.size()
                          + " keys so far: "
                          + where
                          + " cannot be shown yet; try again in a moment.");
      return new BackendUnavailableException(message, trouble.orElse(null));
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
