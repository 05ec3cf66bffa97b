package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Type;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A store whose feed says only what a test tells it to, and in whose calls a test can do something
 * after the store was read and before the caller hears of it.
 */
final class ScriptedBackend extends PartialBackend {

  private record Held(Type type, long size) {}

  private final Map<Bytes, Held> keys = new ConcurrentSkipListMap<>();

  /** How many keys each call of describe asked about. */
  final List<Integer> trips = new CopyOnWriteArrayList<>();

  /** Runs in a describe, when the store was read. */
  volatile Runnable inDescribe = () -> {};

  /** Runs in a scan before each visit, when the store was read. */
  volatile Consumer<String> beforeVisit = key -> {};

  /** Runs at the end of a scan, when all was visited. */
  volatile Runnable atScanEnd = () -> {};

  volatile boolean refusesToReport;
  volatile int scans;
  volatile ChangeListener listener;

  /** Changes the store without a word. */
  ScriptedBackend put(String key, Type type) {
    keys.put(Bytes.utf8(key), new Held(type, 5));
    return this;
  }

  /** Changes the store without a word. */
  ScriptedBackend putEmpty(String key) {
    keys.put(Bytes.utf8(key), new Held(Type.STRING, 0));
    return this;
  }

  /** Changes the store without a word. */
  ScriptedBackend remove(String key) {
    keys.remove(Bytes.utf8(key));
    return this;
  }

  ScriptedBackend tell(String key) {
    listener.changed(Bytes.utf8(key));
    return this;
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    scans++;
    Map<Bytes, Held> read = new TreeMap<>(keys);
    for (Map.Entry<Bytes, Held> entry : read.entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        beforeVisit.accept(entry.getKey().toUtf8());
        if (!visitor.visit(entry.getKey(), entry.getValue().type())) {
          return;
        }
      }
    }
    atScanEnd.run();
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    trips.add(cells.size());
    Map<Cell, CellStatus> statuses = new HashMap<>();
    for (Cell cell : cells) {
      Held held = keys.get(cell.key());
      if (held != null) {
        statuses.put(
            cell, new CellStatus(held.type(), OptionalLong.of(held.size()), Optional.empty()));
      }
    }
    inDescribe.run();
    return statuses;
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    if (refusesToReport) {
      throw new RefusedException(
          RefusedException.Reason.UNSUPPORTED, "The store cannot report changes.", null);
    }
    this.listener = listener;
    return new Subscription() {
      @Override
      public boolean catchUp(Duration bound) {
        return true;
      }

      @Override
      public void close() {}
    };
  }
}
