package io.redisfuse.backend.memory;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Cell.FieldCell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Change;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Range;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.Value.HashValue;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store of keys in this process's memory, gone with it.
 *
 * <p>Reads wait for nobody and see one moment, {@link #scan}, {@link #describe} and {@link #fields}
 * included. A value is at most 512 MiB, as in Redis. After {@link #close} every method but that
 * throws {@link BackendUnavailableException}.
 */
public final class MemoryBackend implements Backend {

  private final Store store;
  private final Set<Feed> feeds = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** An empty store on the system's clock. */
  public MemoryBackend() {
    this(Clock.systemUTC());
  }

  /**
   * An empty store whose keys expire by {@code clock}. When it is set forward, reads see that at
   * once and feeds report the expiries within about a second.
   */
  public MemoryBackend(InstantSource clock) {
    this(new Store(clock));
  }

  private MemoryBackend(Store store) {
    this.store = store;
  }

  /** A second backend over the same keys, as another process would open it. */
  public MemoryBackend openAnother() {
    requireOpen();
    return new MemoryBackend(store);
  }

  /** Makes {@code key} a list, whatever it held; without items it is removed. */
  public void putList(Bytes key, List<Bytes> items) {
    replace(key, CollectionValue.list(items));
  }

  /** Makes {@code key} a set, whatever it held; without members it is removed. */
  public void putSet(Bytes key, Collection<Bytes> members) {
    replace(key, CollectionValue.set(members));
  }

  /**
   * Makes {@code key} a sorted set, whatever it held; without members it is removed.
   *
   * @throws IllegalArgumentException if a score is not a number
   */
  public void putSortedSet(Bytes key, Collection<Element.ScoredMember> members) {
    replace(key, CollectionValue.sortedSet(members));
  }

  /**
   * Makes {@code key} a stream, whatever it held; without entries it is removed.
   *
   * @throws IllegalArgumentException if the ids, as {@code 1526919030474-55}, do not rise
   */
  public void putStream(Bytes key, List<Element.StreamEntry> entries) {
    replace(key, CollectionValue.stream(entries));
  }

  /** Makes {@code key} hold a value of {@link Type#OTHER}, whatever it held. */
  public void putOther(Bytes key) {
    requireOpen();
    store.replace(key, new Value.OtherValue());
  }

  private void replace(Bytes key, CollectionValue value) {
    requireOpen();
    if (value.elements().isEmpty()) {
      store.commit(Transaction.of(new Change.DeleteKey(key)));
    } else {
      store.replace(key, value);
    }
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    requireOpen();
    store
        .keyspace()
        .visit(
            prefix,
            (key, entry) ->
                !entry.livesAt(store.now()) || visitor.visit(key, entry.value().type()));
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    requireOpen();
    Keyspace keyspace = store.keyspace();
    long now = store.now();
    Map<Cell, CellStatus> statuses = new HashMap<>();
    for (Cell cell : cells) {
      keyspace
          .find(cell.key(), now)
          .ifPresent(entry -> statuses.put(cell, status(cell, entry, now)));
    }
    return statuses;
  }

  private static CellStatus status(Cell cell, Entry entry, long now) {
    Value value = entry.value();
    OptionalLong size = cell instanceof FieldCell field ? sizeOf(field, value) : value.size();
    return new CellStatus(value.type(), size, entry.ttl(now));
  }

  private static OptionalLong sizeOf(FieldCell cell, Value value) {
    return value instanceof HashValue hash
        ? hash.fields()
            .get(cell.field())
            .map(content -> OptionalLong.of(content.size()))
            .orElse(OptionalLong.empty())
        : OptionalLong.empty();
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    requireOpen();
    Keyspace keyspace = store.keyspace();
    long now = store.now();
    Map<Bytes, List<FieldStatus>> fields = new HashMap<>();
    for (Bytes key : keys) {
      if (keyspace.find(key, now).map(Entry::value).orElse(null) instanceof HashValue hash) {
        fields.put(key, statuses(hash));
      }
    }
    return fields;
  }

  private static List<FieldStatus> statuses(HashValue hash) {
    List<FieldStatus> statuses = new ArrayList<>(hash.fields().size());
    hash.fields().visit((field, content) -> statuses.add(new FieldStatus(field, content.size())));
    return statuses;
  }

  @Override
  public Optional<Snapshot> read(Cell cell) {
    requireOpen();
    return store.content(cell).map(content -> new Snapshot(content.bytes(), content.version()));
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    requireOpen();
    Optional<Content> content = store.content(cell);
    if (content.isPresent()) {
      content.get().sendTo(sink);
    }
    return content.map(Content::version);
  }

  @Override
  public Version version(Cell cell) {
    requireOpen();
    return store.content(cell).map(Content::version).orElse(Version.ABSENT);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    requireOpen();
    return store
        .content(cell)
        .map(content -> new Range(content.bytes(offset, length), content.size()));
  }

  @Override
  public List<Element> elements(Bytes key) {
    requireOpen();
    return store
        .keyspace()
        .find(key, store.now())
        .map(entry -> entry.value().requireCollection(key).elements())
        .orElse(List.of());
  }

  @Override
  public void commit(Transaction transaction) {
    requireOpen();
    store.commit(transaction);
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    requireOpen();
    Feed feed = store.watch(prefix, listener);
    feeds.add(feed);
    if (closed) {
      feed.close();
    }
    return new Subscription() {
      @Override
      public boolean catchUp(Duration bound) throws InterruptedException {
        return feed.catchUp(bound);
      }

      @Override
      public void close() {
        feed.close();
        feeds.remove(feed);
      }
    };
  }

  /** Memory is as durable as it gets at once; there are no replicas and there is no disk. */
  @Override
  public void sync(Durability durability) {
    requireOpen();
    if (!(durability instanceof Durability.Applied)) {
      throw new RefusedException(
          RefusedException.Reason.UNSUPPORTED,
          "The memory backend has neither replicas nor a disk; do not ask it for "
              + durability
              + ".",
          /* cause= */ null);
    }
  }

  @Override
  public void close() {
    closed = true;
    feeds.forEach(Feed::close);
    feeds.clear();
  }

  private void requireOpen() {
    if (closed) {
      throw new BackendUnavailableException(
          "The memory backend was closed; open another.", /* cause= */ null);
    }
  }
}
