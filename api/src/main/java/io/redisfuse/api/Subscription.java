package io.redisfuse.api;

import java.time.Duration;

/** A change feed that is being listened to. */
public interface Subscription extends AutoCloseable {

  /**
   * Waits until the listener was told of every change that was committed before this call, by any
   * client, be it as a {@link ChangeListener#reset} or as a {@link ChangeListener#lost}. Not to be
   * called by a listener.
   *
   * @return whether it was; not so after {@code bound}, or if the feed is closed
   */
  boolean catchUp(Duration bound) throws InterruptedException;

  /** Ends the feed; when it returns the listener is not called any more. Idempotent. */
  @Override
  void close();
}
