package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What the backend said of cells a moment ago, for who looks at all files of a directory one after
 * the other: so that the backend is asked once for many of them.
 *
 * <p>What is here is as the backend said it after every change that the feed has reported, or this
 * mount has made; and for a second at most, should the feed be broken without anybody knowing yet.
 *
 * <p>Safe for threads; holds no lock while it asks.
 */
final class Statuses implements ChangeListener {

  private static final long LIFETIME_NANOS = Duration.ofSeconds(1).toNanos();

  /** So many cells are known at most, at some 200 bytes each. */
  private static final int MOST = 50_000;

  /** What was said, which may be that there is no such key. */
  private record Answer(Optional<CellStatus> status, long asked) {}

  /** A question that is on its way, and which keys have changed since. */
  private static final class Inquiry {
    private final Set<Bytes> changed = new HashSet<>();
    private boolean allChanged;
  }

  private final Backend backend;
  private final LongSupplier nanoTime;

  /** Guarded by this, like all below. */
  private final Map<Bytes, Map<Cell, Answer>> byKey = new HashMap<>();

  private final List<Inquiry> inquiries = new ArrayList<>();
  private int size;

  Statuses(Backend backend, LongSupplier nanoTime) {
    this.backend = backend;
    this.nanoTime = nanoTime;
  }

  /** As the backend would describe the cells now; empty if that is not known of all of them. */
  synchronized Optional<Map<Cell, CellStatus>> find(Collection<Cell> cells) {
    Map<Cell, CellStatus> found = new HashMap<>();
    for (Cell cell : cells) {
      Answer answer = byKey.getOrDefault(cell.key(), Map.of()).get(cell);
      if (answer == null) {
        return Optional.empty();
      }
      long age = nanoTime.getAsLong() - answer.asked();
      if (age >= lifetime(answer)) {
        return Optional.empty();
      }
      answer.status().ifPresent(status -> found.put(cell, older(status, age)));
    }
    return Optional.of(found);
  }

  private static long lifetime(Answer answer) {
    return answer
        .status()
        .flatMap(CellStatus::ttl)
        .map(ttl -> Math.min(ttl.toNanos(), LIFETIME_NANOS))
        .orElse(LIFETIME_NANOS);
  }

  private static CellStatus older(CellStatus status, long nanos) {
    return status.ttl().isEmpty()
        ? status
        : new CellStatus(status.type(), status.size(), status.ttl().map(t -> t.minusNanos(nanos)));
  }

  /** Asks the backend, and knows what it said for a while. */
  Map<Cell, CellStatus> ask(Collection<Cell> cells) {
    Inquiry inquiry = new Inquiry();
    long asked = nanoTime.getAsLong();
    synchronized (this) {
      inquiries.add(inquiry);
    }
    try {
      Map<Cell, CellStatus> statuses = backend.describe(cells);
      learn(cells, statuses, asked, inquiry);
      return statuses;
    } finally {
      synchronized (this) {
        inquiries.remove(inquiry);
      }
    }
  }

  private synchronized void learn(
      Collection<Cell> cells, Map<Cell, CellStatus> statuses, long asked, Inquiry inquiry) {
    if (inquiry.allChanged) {
      return;
    }
    if (size + cells.size() > MOST) {
      clear();
    }
    for (Cell cell : cells) {
      if (!inquiry.changed.contains(cell.key())) {
        Answer answer = new Answer(Optional.ofNullable(statuses.get(cell)), asked);
        Answer before = byKey.computeIfAbsent(cell.key(), k -> new HashMap<>(2)).put(cell, answer);
        size += before == null ? 1 : 0;
      }
    }
  }

  /** How many cells are known. */
  synchronized int size() {
    return size;
  }

  /** Forgets what is too old to be of use. */
  synchronized void sweep() {
    if (size == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    byKey.values().forEach(cells -> cells.values().removeIf(a -> now - a.asked() >= lifetime(a)));
    byKey.values().removeIf(Map::isEmpty);
    size = byKey.values().stream().mapToInt(Map::size).sum();
  }

  @Override
  public synchronized void changed(Bytes key) {
    Map<Cell, Answer> forgotten = byKey.remove(key);
    if (forgotten != null) {
      size -= forgotten.size();
    }
    inquiries.forEach(inquiry -> inquiry.changed.add(key));
  }

  @Override
  public synchronized void reset() {
    clear();
    inquiries.forEach(inquiry -> inquiry.allChanged = true);
  }

  private void clear() {
    byKey.clear();
    size = 0;
  }
}
