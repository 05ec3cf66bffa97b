package io.redisfuse.frontend.files.locks;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Work that is to be done for cells, each on a thread of its own: one whose server does not answer
 * keeps no other waiting. Of a cell it is done once, however often it was asked for before it
 * began.
 *
 * <p>Safe for threads.
 */
final class CellTasks {

  private final Executor pool;
  private final Consumer<CellLocks> work;
  private final Set<CellLocks> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param work may take its time; throws nothing
   */
  CellTasks(Executor pool, Consumer<CellLocks> work) {
    this.pool = pool;
    this.work = work;
  }

  void add(CellLocks cell) {
    if (waiting.add(cell)) {
      pool.execute(
          () -> {
            waiting.remove(cell);
            work.accept(cell);
          });
    }
  }
}
