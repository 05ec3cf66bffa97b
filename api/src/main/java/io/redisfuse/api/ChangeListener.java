package io.redisfuse.api;

/**
 * Hears what changes. Called by one thread at a time, a thread of the backend: a listener returns
 * quickly and never calls the backend.
 */
public interface ChangeListener {

  /**
   * The key was, or may have been, created, changed, deleted or expired, by anyone, this process
   * included. May come late, twice, or for nothing.
   */
  void changed(Bytes key);

  /**
   * Anything may have changed: what was known before this call is no longer known. Comes after a
   * lost connection, FLUSHALL and the like.
   */
  void reset();

  /**
   * As {@link #reset}; and from now on changes may go untold, until the next reset. Comes when the
   * connection is lost on which changes are reported, and from time to time while it is.
   */
  default void lost() {
    reset();
  }
}
