package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisProtocolNotSupportedException;

/**
 * The connections to one server: a bounded pool of them, and the rules by which one is made.
 *
 * <p>Safe for threads. What a caller does with a connection it does alone. A connection goes back
 * to the pool only if its use ended well: one that failed, or still watches keys, is closed
 * instead. The pool is our own since that of Jedis makes new connections when one is given up, for
 * which the caller, who is out of time, would have to wait.
 */
final class Connections implements AutoCloseable {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration TRUSTED_IDLE = Duration.ofSeconds(15);
  private static final Duration PING_LIMIT = Duration.ofSeconds(2);

  private final RedisOptions options;
  private final HostAndPort server;
  private final Semaphore permits;

  /** The connections that nobody uses, the last used one first. */
  private final Deque<Wire> idle = new ConcurrentLinkedDeque<>();

  /** The connections that somebody uses, for the clock to look at. */
  private final Set<Wire> inUse = ConcurrentHashMap.newKeySet();

  private final ScheduledFuture<?> watchdog;
  private volatile boolean closed;

  /** Whether the server knows HELLO, as far as known. */
  private volatile boolean saysHello = true;

  /**
   * @param clock runs what must happen from time to time; not closed here
   */
  Connections(RedisOptions options, ScheduledExecutorService clock) {
    this.options = options;
    this.server = new HostAndPort(options.host(), options.port());
    this.permits = new Semaphore(options.connections(), /* fair= */ true);
    this.watchdog =
        clock.scheduleWithFixedDelay(
            () -> inUse.forEach(Wire::cutIfLate),
            TICK.toMillis(),
            TICK.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  String address() {
    return options.address();
  }

  /**
   * Has {@code work} done with a connection, which is made if none is idle.
   *
   * @throws JedisConnectionException if the connection could not be made, or was lost
   * @throws JedisDataException if the server refused
   * @throws BackendUnavailableException if all connections are busy until the deadline
   */
  <T> T use(Deadline deadline, Function<Wire, T> work) {
    Wire wire = borrow(deadline);
    boolean endedWell = false;
    try {
      inUse.add(wire);
      wire.begin(deadline);
      T result = work.apply(wire);
      endedWell = true;
      return result;
    } catch (JedisDataException | TryAgain | BackendException e) {
      // All replies of what was sent have been read, so the connection is in order.
      endedWell = true;
      throw e;
    } finally {
      inUse.remove(wire);
      boolean reusable = wire.end() && endedWell;
      giveBack(wire, reusable);
    }
  }

  /** Closes the connections that nobody uses: where one was found dead, they may be too. */
  void dropIdle() {
    for (Wire wire = idle.pollFirst(); wire != null; wire = idle.pollFirst()) {
      wire.cut();
    }
  }

  /**
   * Makes a connection and logs in.
   *
   * @param kind the constructor of its class
   * @param protocol what HELLO asks for; without one there is no HELLO, which is since Redis 6.0
   * @throws JedisConnectionException if it could not be made
   * @throws JedisProtocolNotSupportedException if the server knows no HELLO or not that protocol;
   *     its cause may quote the password
   * @throws JedisDataException if the server refused
   * @throws BackendUnavailableException if all of this has been closed
   */
  <W extends Connection> W connect(
      BiFunction<HostAndPort, JedisClientConfig, W> kind,
      Deadline deadline,
      Optional<RedisProtocol> protocol) {
    if (closed) {
      throw new BackendUnavailableException(
          "The connection to Redis at " + address() + " has been closed.", /* cause= */ null);
    }
    return kind.apply(server, config(deadline.half(), protocol));
  }

  private JedisClientConfig config(Deadline deadline, Optional<RedisProtocol> protocol) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .serverDefaultProtocol()
            .connectionTimeoutMillis(deadline.millisLeft())
            .socketTimeoutMillis(deadline.millisLeft())
            .database(options.database())
            .clientName("redisfuse")
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
    protocol.ifPresent(config::protocol);
    if (options.tls()) {
      config.sslOptions(SslOptions.defaults());
    }
    options
        .password()
        .ifPresent(
            secret ->
                config.credentials(
                    new DefaultRedisCredentials(options.user().orElse(null), secret.get())));
    return config.build();
  }

  /** Whether the server knows HELLO, as far as known: then it is Redis 6.0 or later. */
  boolean saysHello() {
    return saysHello;
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends all connections, also those in use. */
  @Override
  public void close() {
    closed = true;
    watchdog.cancel(false);
    dropIdle();
    inUse.forEach(Wire::cut);
  }

  private Wire borrow(Deadline deadline) {
    acquirePermit(deadline);
    try {
      Wire wire = idle.pollFirst();
      return wire != null && isAlive(wire, deadline) ? wire : make(deadline);
    } catch (RuntimeException | Error e) {
      permits.release();
      throw e;
    }
  }

  private void acquirePermit(Deadline deadline) {
    try {
      if (!permits.tryAcquire(deadline.millisLeft(), TimeUnit.MILLISECONDS)) {
        throw new BackendUnavailableException(
            "All "
                + options.connections()
                + " connections to Redis at "
                + address()
                + " were busy for the whole time limit.",
            /* cause= */ null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailableException(
          "The wait for a connection to Redis at " + address() + " was interrupted.", e);
    }
  }

  /**
   * Whether an idle connection works. One that was idle for long may have died silently, and would
   * cost the whole time limit.
   */
  private boolean isAlive(Wire wire, Deadline deadline) {
    if (!wire.wasIdleFor(TRUSTED_IDLE)) {
      return true;
    }
    try {
      wire.begin(deadline.half().orAfter(PING_LIMIT));
      return wire.ping() && wire.end();
    } catch (JedisException e) {
      wire.cut();
      dropIdle();
      return false;
    }
  }

  private Wire make(Deadline deadline) {
    if (saysHello) {
      try {
        return connect(Wire::new, deadline, Optional.of(RedisProtocol.RESP2));
      } catch (JedisProtocolNotSupportedException e) {
        saysHello = false;
      }
    }
    return connect(Wire::new, deadline, Optional.empty());
  }

  private void giveBack(Wire wire, boolean reusable) {
    if (reusable) {
      idle.addFirst(wire);
    } else {
      wire.cut();
    }
    permits.release();
    if (closed) {
      dropIdle();
    }
  }
}
