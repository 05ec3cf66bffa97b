package io.redisfuse.api;

/** A change feed that is being listened to. */
public interface Subscription extends AutoCloseable {

  /** Ends the feed; when it returns the listener is not called any more. Idempotent. */
  @Override
  void close();
}
