package io.redisfuse.backend.redis;

import java.util.Optional;
import java.util.function.Function;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** The way to the server that is responsible for something, whichever that is now. */
interface Route {

  /**
   * Has {@code work} done with a connection to that server.
   *
   * @throws JedisConnectionException if the connection could not be made, or was lost
   * @throws JedisDataException if the server refused
   * @throws io.redisfuse.api.BackendUnavailableException if all connections are busy until the
   *     deadline
   */
  <T> T use(Deadline deadline, Function<Wire, T> work);

  /** A connection was found dead: others of the kind may be too, or the server. */
  void lost();

  /**
   * Whether the refusal only says that another server is responsible now, or will be in a moment;
   * then the next use may get there.
   */
  boolean leadsOn(JedisDataException refusal);

  /** The slot of a cluster to which it leads, if it is one. */
  default Optional<Integer> slot() {
    return Optional.empty();
  }

  /** For messages: where the server is. */
  String address();
}
