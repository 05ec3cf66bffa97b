package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Cell;
import java.util.Optional;

/** The files that are locked, as locks need them. Safe for threads. */
public interface LockedFiles {

  /** The cell that a node stands for now; empty if it is known on this machine only. */
  Optional<Cell> cell(long node);

  /**
   * Whoever gets the lock next must see what was written through a handle: saves it, if it can be.
   * Else its writer is told when he closes it. Never fails.
   */
  void save(long handle);

  /**
   * Who has just got a lock must see what was done before by those who had it: waits until this
   * mount knows it, for a moment at most. Never fails.
   */
  void refresh(long handle);
}
