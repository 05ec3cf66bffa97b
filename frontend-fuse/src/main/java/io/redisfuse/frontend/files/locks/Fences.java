package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Expectation;

/** Keeps saves out that count on locks which were lost. Safe for threads; asks no store. */
public interface Fences {

  /** Where locks cannot be lost. */
  Fences NONE =
      new Fences() {
        @Override
        public Fence of(Cell cell, Writers writers) {
          return Fence.NONE;
        }

        @Override
        public void missing(Cell cell, Expectation expected) {}

        @Override
        public void told(Cell cell, Writers writers) {}
      };

  /** What a save of the cell by these must expect. */
  Fence of(Cell cell, Writers writers);

  /**
   * What was expected is not so: the locks are lost, unless they were given back meanwhile; then
   * {@link #of} says something else now.
   */
  void missing(Cell cell, Expectation expected);

  /** These know now that they have lost their locks. */
  void told(Cell cell, Writers writers);
}
