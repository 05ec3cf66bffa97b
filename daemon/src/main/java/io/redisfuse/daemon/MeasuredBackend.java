package io.redisfuse.daemon;

import io.micrometer.core.instrument.MeterRegistry;
import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Range;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backend whose calls are counted and measured, by what they are and how they end, and whose feed
 * is heard.
 */
final class MeasuredBackend implements Backend {

  private final Backend backend;
  private final Outcomes calls;
  private final FeedRecord feed;

  MeasuredBackend(Backend backend, MeterRegistry metrics, FeedRecord feed) {
    this.backend = backend;
    this.feed = feed;
    this.calls =
        new Outcomes(metrics, "redisfuse.backend.calls", "What was asked of the backend", "call");
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    calls.of("scan", () -> backend.scan(prefix, visitor));
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    return calls.of("describe", () -> backend.describe(cells));
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    return calls.of("fields", () -> backend.fields(keys));
  }

  @Override
  public Optional<Snapshot> read(Cell cell) {
    return calls.of("read", () -> backend.read(cell));
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    long start = System.nanoTime();
    String result = Outcomes.OK;
    try {
      return backend.read(cell, sink);
    } catch (IOException | RuntimeException e) {
      result = Outcomes.nameOf(e);
      throw e;
    } finally {
      calls.took("read", result, start);
    }
  }

  @Override
  public Version version(Cell cell) {
    return calls.of("version", () -> backend.version(cell));
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return calls.of("read_range", () -> backend.read(cell, offset, length));
  }

  @Override
  public List<Element> elements(Bytes key) {
    return calls.of("elements", () -> backend.elements(key));
  }

  @Override
  public void commit(Transaction transaction) {
    calls.of("commit", () -> backend.commit(transaction));
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    return calls.of(
        "watch",
        () -> {
          Subscription subscription = backend.watch(prefix, feed.before(listener));
          feed.begins();
          return subscription;
        });
  }

  @Override
  public void sync(Durability durability) {
    calls.of("sync", () -> backend.sync(durability));
  }

  @Override
  public void sync(Collection<Bytes> keys, Durability durability) {
    calls.of("sync", () -> backend.sync(keys, durability));
  }

  @Override
  public void close() {
    backend.close();
  }
}
