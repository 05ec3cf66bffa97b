package io.redisfuse.daemon;

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
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A backend of which a test says what happens around each read and instead of each commit. */
final class ScriptedBackend implements Backend {

  private final Backend real;
  private Runnable beforeRead = () -> {};
  private Consumer<Transaction> commit;

  ScriptedBackend(Backend real) {
    this.real = real;
    this.commit = real::commit;
  }

  /** What happens before the next read, once. */
  ScriptedBackend beforeRead(Runnable action) {
    beforeRead = action;
    return this;
  }

  ScriptedBackend onCommit(Consumer<Transaction> action) {
    commit = action;
    return this;
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    Runnable action = beforeRead;
    beforeRead = () -> {};
    action.run();
    return real.read(cell, sink);
  }

  @Override
  public Version version(Cell cell) {
    return real.version(cell);
  }

  @Override
  public void commit(Transaction transaction) {
    commit.accept(transaction);
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    real.scan(prefix, visitor);
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    return real.describe(cells);
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    return real.fields(keys);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return real.read(cell, offset, length);
  }

  @Override
  public List<Element> elements(Bytes key) {
    return real.elements(key);
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    return real.watch(prefix, listener);
  }

  @Override
  public void sync(Durability durability) {
    real.sync(durability);
  }

  @Override
  public void close() {
    real.close();
  }
}
