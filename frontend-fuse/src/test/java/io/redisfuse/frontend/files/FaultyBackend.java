package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
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
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A backend that fails when a test says so. Set up by the thread that uses it. */
final class FaultyBackend implements Backend {

  private final Backend backend;

  /** Runs when the next statuses were asked for, before they are given back. */
  Runnable afterDescribe = () -> {};

  /** Thrown by the next commit instead of applying it. */
  Optional<BackendException> beforeCommit = Optional.empty();

  /** Thrown by the next commit after applying it. */
  Optional<BackendException> afterCommit = Optional.empty();

  /** What a scan waits for before it begins. */
  CountDownLatch scan = new CountDownLatch(0);

  /** Runs before the next commit: what a rival does just then. */
  Runnable rival = () -> {};

  FaultyBackend(Backend backend) {
    this.backend = backend;
  }

  @Override
  public void commit(Transaction transaction) {
    Runnable first = rival;
    rival = () -> {};
    first.run();
    Optional<BackendException> before = beforeCommit;
    Optional<BackendException> after = afterCommit;
    beforeCommit = Optional.empty();
    afterCommit = Optional.empty();
    if (before.isPresent()) {
      throw before.get();
    }
    backend.commit(transaction);
    if (after.isPresent()) {
      throw after.get();
    }
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    try {
      scan.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailableException("interrupted", e);
    }
    backend.scan(prefix, visitor);
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    Map<Cell, CellStatus> statuses = backend.describe(cells);
    Runnable then = afterDescribe;
    afterDescribe = () -> {};
    then.run();
    return statuses;
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    return backend.fields(keys);
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    return backend.read(cell, sink);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return backend.read(cell, offset, length);
  }

  @Override
  public List<Element> elements(Bytes key) {
    return backend.elements(key);
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    return backend.watch(prefix, listener);
  }

  @Override
  public void sync(Durability durability) {
    backend.sync(durability);
  }

  @Override
  public void close() {
    backend.close();
  }
}
