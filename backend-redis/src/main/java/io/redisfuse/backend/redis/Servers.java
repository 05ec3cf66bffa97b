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

  /** Whether another one may take its place. */
  boolean mayMove();
}
