package io.redisfuse.it.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Everything that was started, to be ended in reverse order: by {@link #close}, or when this JVM is
 * told to end. Safe for use by several threads.
 */
final class Stage implements AutoCloseable {

  private final Thread lastResort = new Thread(this::closeAll, "end of the stage");

  /** Guarded by this. */
  private final Deque<Part> parts = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean closed;

  /** Something that was started; closing it more than once does nothing. */
  interface Part extends AutoCloseable {
    @Override
    void close();
  }

  Stage() {
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /** Takes care of a part from now on; where all is over already, ends it at once. */
  <P extends Part> P add(P part) {
    boolean late;
    synchronized (this) {
      late = closed;
      if (!late) {
        parts.push(part);
      }
    }
    if (late) {
      part.close();
      throw new IllegalStateException("The benchmark is ending");
    }
    return part;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  private void closeAll() {
    Deque<Part> all;
    synchronized (this) {
      closed = true;
      all = new ArrayDeque<>(parts);
      parts.clear();
    }
    all.forEach(Part::close);
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook runs.
    }
  }
}
