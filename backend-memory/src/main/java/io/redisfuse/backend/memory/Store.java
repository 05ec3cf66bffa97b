package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Transaction;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The keyspace that the memory backends of one store share.
 *
 * <p>Concurrency: the keyspace is an immutable value behind a volatile field. Readers take it and
 * wait for nobody. One writer at a time makes the next keyspace, puts it in place, and tells the
 * feeds which keys changed; feeds call their listeners in threads of their own.
 */
final class Store {

  private final InstantSource clock;

  /**
   * Held while the next keyspace is made, put in place and told to the feeds, so that no change is
   * lost and every feed hears them in order.
   */
  private final Object committing = new Object();

  private final List<Feed> feeds = new CopyOnWriteArrayList<>();

  private volatile Keyspace keyspace = Keyspace.EMPTY;

  Store(InstantSource clock) {
    this.clock = clock;
  }

  Keyspace keyspace() {
    return keyspace;
  }

  /** The time in milliseconds of the epoch. */
  long now() {
    return clock.millis();
  }

  Optional<Content> content(Cell cell) {
    return keyspace.content(cell, now());
  }

  void commit(Transaction transaction) {
    computeVersions(transaction);
    change(edit -> edit.apply(transaction));
  }

  /** Before other writers have to wait, since a digest takes long and is then known. */
  private void computeVersions(Transaction transaction) {
    transaction
        .expectations()
        .forEach(expectation -> content(expectation.cell()).ifPresent(Content::version));
  }

  /** Makes {@code key} hold {@code value} for ever, whatever it held. */
  void replace(Bytes key, Value value) {
    change(edit -> edit.replace(key, Entry.ofEver(value)));
  }

  /** Takes out what has expired and tells the feeds. */
  void removeExpired() {
    if (keyspace.nextDeadline().orElse(Entry.NEVER) <= now()) {
      change(edit -> {});
    }
  }

  /** In how many milliseconds {@link #removeExpired} is due; 0 if it is now. */
  OptionalLong untilNextExpiry() {
    OptionalLong deadline = keyspace.nextDeadline();
    return deadline.isPresent()
        ? OptionalLong.of(Math.max(0, deadline.getAsLong() - now()))
        : deadline;
  }

  private void change(Consumer<Edit> changes) {
    synchronized (committing) {
      Edit edit = new Edit(keyspace, now());
      changes.accept(edit);
      keyspace = edit.result();
      feeds.forEach(feed -> feed.offer(edit.changed()));
    }
  }

  /** Starts a feed. It hears of every commit that begins after this returned. */
  Feed watch(Bytes prefix, ChangeListener listener) {
    Feed feed = new Feed(this, prefix, listener);
    feeds.add(feed);
    feed.start();
    return feed;
  }

  void forget(Feed feed) {
    feeds.remove(feed);
  }
}
