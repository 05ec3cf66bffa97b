package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Cell;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The cells that somebody locks, and the nodes by which he does. A node keeps its cell for as long
 * as that is locked: a file keeps its locks when it is renamed.
 *
 * <p>Safe for threads. What is not locked, nor being looked at, is forgotten.
 */
final class LockedCells {

  private final Function<Cell, CellLocks> locksOf;

  /** Changed with itself locked, like the others. */
  private final Map<Cell, CellLocks> byCell = new ConcurrentHashMap<>();

  private final Map<Long, CellLocks> byNode = new ConcurrentHashMap<>();
  private final Map<CellLocks, Integer> users = new ConcurrentHashMap<>();

  LockedCells(Function<Cell, CellLocks> locksOf) {
    this.locksOf = locksOf;
  }

  Collection<CellLocks> all() {
    return byCell.values();
  }

  /** Whether a node may have locks. */
  boolean areUsed(long node) {
    return !byNode.isEmpty() && byNode.containsKey(node);
  }

  /** The cell of a node that may have locks. */
  Optional<Cell> cellOf(long node) {
    return Optional.ofNullable(byNode.get(node)).map(CellLocks::cell);
  }

  Optional<CellLocks> find(Cell cell) {
    return byCell.isEmpty() ? Optional.empty() : Optional.ofNullable(byCell.get(cell));
  }

  /** Does something with the locks that a node has already, if it has some. */
  void ifUsed(long node, Function<CellLocks, ?> action) {
    CellLocks locks;
    synchronized (byCell) {
      locks = byNode.get(node);
      if (locks == null) {
        return;
      }
      users.merge(locks, 1, Integer::sum);
    }
    finish(locks, action);
  }

  /** Does something with the locks of a cell, which are those of the node from now on. */
  <T> T use(long node, Cell cell, Function<CellLocks, T> action) {
    CellLocks locks;
    synchronized (byCell) {
      locks = byNode.computeIfAbsent(node, unbound -> byCell.computeIfAbsent(cell, locksOf));
      users.merge(locks, 1, Integer::sum);
    }
    return finish(locks, action);
  }

  private <T> T finish(CellLocks locks, Function<CellLocks, T> action) {
    try {
      return action.apply(locks);
    } finally {
      synchronized (byCell) {
        users.computeIfPresent(locks, (used, count) -> count == 1 ? null : count - 1);
        forgetUnused(locks);
      }
    }
  }

  /** Forgets what is neither locked nor being looked at. */
  void forgetUnused() {
    synchronized (byCell) {
      for (CellLocks locks : byCell.values()) {
        forgetUnused(locks);
      }
    }
  }

  private void forgetUnused(CellLocks locks) {
    if (!users.containsKey(locks) && locks.isUnused()) {
      byCell.remove(locks.cell(), locks);
      byNode.values().removeIf(bound -> bound == locks);
    }
  }
}
