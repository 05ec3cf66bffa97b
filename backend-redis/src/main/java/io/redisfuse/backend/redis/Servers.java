package io.redisfuse.backend.redis;

import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Knows which server to speak to. */
interface Servers {

  /**
   * The server that takes writes, as far as is known now.
   *
   * @throws JedisConnectionException if nobody knows within the time
   */
  HostAndPort current(Deadline deadline);

  /** A connection was lost: what is known of who takes writes may not be so any more. */
  default void doubt() {}

  /**
   * Waits until nobody is about to have another server take the place of this one. Then this one is
   * still the one that takes writes, or all connections to it have been cut.
   *
   * @return false if that is not known until the deadline
   */
  default boolean awaitSettled(Deadline deadline) {
    return true;
  }

  /** Whether another one may take its place. */
  boolean mayMove();
}
