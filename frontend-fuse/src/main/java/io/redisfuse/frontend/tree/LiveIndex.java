package io.redisfuse.frontend.tree;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * <p>Safe for threads.
 */
public final class LiveIndex implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LiveIndex.class);

  /**
   * Of so many keys it may be unknown whether they exist, until somebody asks, at about 100 bytes
   * each. Those that exist have their place anyway, and may change as often as they like.
   */
  private static final int MOST_RUMOURS = 100_000;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  /** Of a backend that reports no changes all keys are looked through so often, or less. */
  private static final Duration RESCAN = Duration.ofSeconds(5);

  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Backend backend;
  private final Keyspace keyspace;
  private final Duration timeLimit;
  private final GuardedTrie guarded;
  private final Resolver resolver;
  private final Thread indexer;
  private final Duration rescan;
  private final AtomicReference<Subscription> feed = new AtomicReference<>();
  private volatile boolean isLost;
  private final List<ChangeListener> alsoTold = new CopyOnWriteArrayList<>();

  /**
   * @param timeLimit how long a caller waits for an index that is not complete
   */
  public LiveIndex(Backend backend, Keyspace keyspace, Duration timeLimit) {
    this(backend, keyspace, timeLimit, FIRST_PAUSE, MOST_RUMOURS);
  }

  LiveIndex(
      Backend backend,
      Keyspace keyspace,
      Duration timeLimit,
      Duration firstPause,
      int mostRumours) {
    this(backend, keyspace, timeLimit, firstPause, mostRumours, RESCAN);
  }

  LiveIndex(
      Backend backend,
      Keyspace keyspace,
      Duration timeLimit,
      Duration firstPause,
      int mostRumours,
      Duration rescan) {
    this.rescan = rescan;
    this.backend = requireNonNull(backend);
    this.keyspace = requireNonNull(keyspace);
    this.timeLimit = requireNonNull(timeLimit);
    this.guarded = new GuardedTrie(keyspace, mostRumours);
    this.resolver = new Resolver(backend, keyspace, guarded);
    Indexer work = new Indexer(backend, keyspace, guarded, resolver, firstPause, mostRumours);
    this.indexer = new Thread(work, "redisfuse-index");
    indexer.setDaemon(true);
  }

  /**
   * Subscribes to the change feed, and then scans on a thread of its own; again and again, if the
   * backend refuses to report changes. Once only.
   *
   * @throws BackendUnavailableException if the feed cannot be started
   */
  public void start() {
    ChangeListener listener =
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            doubt(key);
            alsoTold.forEach(listener -> listener.changed(key));
          }

          @Override
          public void reset() {
            guarded.reset();
            alsoTold.forEach(ChangeListener::reset);
            isLost = false;
          }

          @Override
          public void lost() {
            isLost = true;
            guarded.reset();
            alsoTold.forEach(ChangeListener::lost);
          }
        };
    try {
      feed.set(backend.watch(keyspace.root(), listener));
    } catch (RefusedException e) {
      log.warn("{}", e.getMessage());
      guarded.scanAgainAfter(rescan);
    }
    indexer.start();
  }

  /**
   * Whether the backend reports changes now; not so while the connection is lost on which it does.
   * If it never does, all keys are looked through from time to time: what others create meanwhile
   * is not listed yet, nor is a directory that they make seen; what others remove is not listed any
   * more once it is looked for again.
   */
  public boolean isLive() {
    return !guarded.scansAgain() && !isLost;
  }

  /**
   * Waits until all that was committed before this call, by anyone, was told, or that anything may
   * have changed. Where nothing is told there is nothing to wait for.
   *
   * @return whether it was; not so after {@code bound}
   */
  public boolean catchUp(Duration bound) throws InterruptedException {
    Subscription present = feed.get();
    return present == null || present.catchUp(bound);
  }

  /** From now on tells somebody else, too, what the feed reports: after the index knows it. */
  public void alsoTell(ChangeListener listener) {
    alsoTold.add(listener);
  }

  /** Whether all keys are known: a scan that began after the last reset has ended. */
  public boolean isComplete() {
    return guarded.isComplete();
  }

  /**
   * Waits until the index is complete.
   *
   * @return whether it is; not so after {@code bound}, or when the index is closed
   */
  public boolean awaitComplete(Duration bound) throws InterruptedException {
    return guarded.awaitComplete(bound);
  }

  /**
   * Whether a key may exist: false only if all keys are known and this is none of them. Does not
   * ask the store.
   */
  public boolean mayExist(Bytes key) {
    return !isLive()
        || !isComplete()
        || guarded.look(trie -> trie.at(key) != null)
        // If everything was in doubt meanwhile, what was looked at says nothing.
        || !isComplete();
  }

  /** How many keys are known, those included that may be gone or are not confirmed yet. */
  public long size() {
    return guarded.look(Trie::size);
  }

  /**
   * Whether a directory exists. Does not ask the store if something is known to be in it; waits for
   * an incomplete index only if nothing is.
   */
  public boolean directoryExists(Bytes stem) {
    long deadline = System.nanoTime() + timeLimit.toNanos();
    Optional<Boolean> exists = directoryIfKnown(stem);
    while (exists.isEmpty()) {
      guarded.awaitNews(stem, deadline);
      exists = directoryIfKnown(stem);
    }
    return exists.get();
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
        resolver.resolve(
            (trie, inquiry) -> {
              TrieNode node = trie.directory(stem);
              return node != null && inquiry.isDirectory(trie, node);
            });
    return exists || all ? Optional.of(exists) : Optional.empty();
  }

  /**
   * What is in a directory, in no order; nothing if it does not exist. Waits for an incomplete
   * index.
   */
  public List<Child> list(Bytes stem) {
    guarded.requireComplete(stem, timeLimit);
    return resolver.resolve(
        (trie, inquiry) -> {
          List<Child> children = new ArrayList<>();
          TrieNode directory = trie.directory(stem);
          if (directory != null) {
            for (TrieNode node : trie.children(directory)) {
              Optional<Type> key = inquiry.at(trie, node).type();
              boolean isDirectory = inquiry.isDirectory(trie, node);
              if (key.isPresent() || isDirectory) {
                children.add(new Child(node.segment(), key, isDirectory));
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
        resolver.resolve(
            (trie, inquiry) -> {
              TrieNode node = trie.directory(stem);
              return node == null ? Finding.ABSENT : inquiry.at(trie, node);
            });
    if (!found.exists() && !all) {
      found = resolver.find(key.get());
    }
    return found.type();
  }

  /**
   * Whether the directory has a marker key. Does not wait for an incomplete index, but asks the
   * store.
   */
  public boolean isMarked(Bytes stem) {
    if (!keyspace.mayBeMarker(stem)) {
      return false;
    }
    boolean all = isComplete();
    Finding found =
        resolver.resolve(
            (trie, inquiry) -> {
              TrieNode node = trie.at(stem);
              return node == null ? Finding.ABSENT : inquiry.at(trie, node);
            });
    if (!found.exists() && !all) {
      found = resolver.find(stem);
    }
    return found.equals(Finding.MARKER);
  }

  /**
   * Keys that start with {@code stem}, the directory's marker and those below it included, in no
   * order. Waits for an incomplete index.
   *
   * @return all of them, or, if there are more than {@code limit}, any {@code limit + 1}
   */
  public List<Bytes> keysBelow(Bytes stem, int limit) {
    guarded.requireComplete(stem, timeLimit);
    return resolver.resolve(
        (trie, inquiry) -> {
          List<Bytes> keys = new ArrayList<>();
          TrieNode directory = trie.directory(stem);
          if (directory != null) {
            collectSettled(trie, directory, keys, limit);
            if (keys.size() <= limit) {
              collectUnresolved(trie, directory, inquiry, keys, limit);
            }
          }
          return keys;
        });
  }

  private static void collectSettled(Trie trie, TrieNode directory, List<Bytes> keys, int limit) {
    trie.walk(
        directory,
        node -> node.surelyExists() || node.existingBelow() > 0,
        node -> {
          if (node.surelyExists()) {
            keys.add(trie.key(node));
          }
          return keys.size() <= limit;
        });
  }

  private static void collectUnresolved(
      Trie trie, TrieNode directory, Inquiry inquiry, List<Bytes> keys, int limit) {
    trie.walk(
        directory,
        Trie::hasUnresolved,
        node -> {
          if (!node.isResolved() && inquiry.at(trie, node).exists()) {
            keys.add(trie.key(node));
          }
          return keys.size() <= limit && !inquiry.hasEnough(limit + 1L);
        });
  }

  /**
   * A number for what this mount is about to change: take it before the commit, and give it to
   * {@link #present}, {@link #marker} or {@link #absent} after the commit. If the feed reports the
   * key in between, somebody else may have changed it too, and the key stays unresolved.
   */
  public long stamp() {
    return guarded.look(Trie::clock);
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
    guarded.tell(key, trie -> trie.assertChanged(key, found, stamp));
  }

  /**
   * The key may have changed: what is known of it no longer counts. For what this mount committed
   * without knowing what came of it; the change feed reports everything else.
   */
  public void doubt(Bytes key) {
    guarded.tell(key, trie -> trie.change(key));
  }

  /**
   * The directory exists on this machine, although no key may be in it, until {@link #forget}; so,
   * as long, do those above it. For a directory of which only the mount knows, or whose last key
   * went through the mount.
   */
  public void retain(Bytes stem) {
    guarded.retain(trie -> trie.retain(stem));
  }

  /** Whether this very directory is retained. */
  public boolean isRetained(Bytes stem) {
    return guarded.look(trie -> trie.isRetained(stem));
  }

  /** Ends what {@link #retain} began, of this very directory. */
  public void forget(Bytes stem) {
    guarded.retain(trie -> trie.forget(stem));
  }

  /** Retained directories at and below {@code fromStem} are retained at the new place instead. */
  public void moveRetained(Bytes fromStem, Bytes toStem) {
    guarded.retain(trie -> trie.moveRetained(fromStem, toStem));
  }

  /** Ends the feed and the scan; who waits is told. Does not close the backend. Idempotent. */
  @Override
  public void close() {
    guarded.close();
    Subscription ended = feed.getAndSet(null);
    if (ended != null) {
      ended.close();
    }
    try {
      // A daemon thread: one that is stuck in the store for longer does no harm.
      indexer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
