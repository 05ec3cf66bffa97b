package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisProtocolNotSupportedException;

/**
 * The connections to the server that takes writes: a bounded pool of them, and the rules by which
 * one is made. When another server takes its place, all connections to the old one are cut: who
 * uses one finds it lost.
 *
 * <p>Safe for threads. What a caller does with a connection it does alone. A connection goes back
 * to the pool only if its use ended well: one that failed, or still watches keys, is closed
 * instead. The pool is our own since that of Jedis makes new connections when one is given up, for
 * which the caller, who is out of time, would have to wait.
 */
final class Connections implements Route, AutoCloseable {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration TRUSTED_IDLE = Duration.ofSeconds(15);
  private static final Duration MOVING_LIMIT = Duration.ofSeconds(2);
  private static final Duration PING_LIMIT = Duration.ofSeconds(2);

  private final Dialer dialer;
  private final int bound;
  private final String address;
  private final Servers servers;
  private final Semaphore permits;
  private final UnsyncedCommits unsynced = new UnsyncedCommits();

  /** The connections that nobody uses, the last used one first. */
  private final Deque<Wire> idle = new ConcurrentLinkedDeque<>();

  /** The connections that somebody uses, for the clock to look at. */
  private final Set<Wire> inUse = ConcurrentHashMap.newKeySet();

  /** How often another server has taken the place of the one before. */
  private final AtomicInteger era = new AtomicInteger();

  /** Whether one was lost since one was made. */
  private final AtomicBoolean lost = new AtomicBoolean();

  /** Told when another server has taken the place of the one before. */
  private volatile Runnable moved = () -> {};

  private final ScheduledFuture<?> watchdog;
  private volatile boolean closed;

  /** Whether the server is no master any more, and nobody takes its place here. */
  private volatile boolean retired;

  /** Whether the server knows HELLO, as far as known. */
  private volatile boolean saysHello = true;

  /**
   * Connections to the server, or to the one that sentinels name.
   *
   * @param clock runs what must happen from time to time; not closed here
   */
  Connections(RedisOptions options, ScheduledExecutorService clock) {
    this.dialer = new Dialer(options);
    RedisAddress where = options.address();
    this.bound = options.connections();
    this.address = where.inWords();
    this.permits = new Semaphore(bound, /* fair= */ true);
    this.servers =
        where.master().map(this::sentinels).orElseGet(() -> new OneServer(where.hosts().get(0)));
    this.watchdog = watchdog(clock);
  }

  private Connections(HostAndPort node, Dialer dialer, ScheduledExecutorService clock) {
    this.dialer = dialer;
    this.bound = dialer.options().connections();
    this.address = RedisAddress.inWords(node);
    this.permits = new Semaphore(bound, /* fair= */ true);
    this.servers = new OneNode(node);
    this.watchdog = watchdog(clock);
  }

  /** Connections to a node of a cluster. */
  static Connections toNode(HostAndPort node, Dialer dialer, ScheduledExecutorService clock) {
    return new Connections(node, dialer, clock);
  }

  private ScheduledFuture<?> watchdog(ScheduledExecutorService clock) {
    return clock.scheduleWithFixedDelay(
        () -> inUse.forEach(Wire::cutIfLate),
        TICK.toMillis(),
        TICK.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private Servers sentinels(String master) {
    Sentinels sentinels =
        new Sentinels(master, dialer.options().address().hosts(), dialer::dialSentinel, this::move);
    sentinels.start();
    return sentinels;
  }

  /** A server that no other replaces. */
  private record OneServer(HostAndPort server) implements Servers {
    @Override
    public HostAndPort current(Deadline deadline) {
      return server;
    }

    @Override
    public boolean mayMove() {
      return false;
    }
  }

  /** A node of a cluster, which another one may replace; then these connections are retired. */
  private record OneNode(HostAndPort node) implements Servers {
    @Override
    public HostAndPort current(Deadline deadline) {
      return node;
    }

    @Override
    public boolean mayMove() {
      return true;
    }
  }

  /** Ends all connections, since the server is no master any more: who uses one finds it lost. */
  void retire() {
    retired = true;
    watchdog.cancel(false);
    move();
  }

  /** Who is told when another server has taken the place of the one before. */
  void tellOfMoves(Runnable who) {
    moved = who;
  }

  private void move() {
    // First, so that who does not see it yet is seen below.
    era.incrementAndGet();
    dropIdle();
    inUse.forEach(Wire::cut);
    dialer.options().listener().moved();
    moved.run();
  }

  private boolean isOvertaken(Wire wire) {
    return !isCurrent(wire.era());
  }

  /**
   * Waits until nobody is about to have another server take the place of this one.
   *
   * @return false if that is not known until the deadline
   */
  boolean awaitSettled(Deadline deadline) {
    return servers.awaitSettled(deadline);
  }

  /** Whether the server of an era has not been replaced since, as far as is known. */
  boolean isCurrent(int eraOfServer) {
    return era.get() == eraOfServer;
  }

  /** Whether another server may take the place of this one. */
  boolean mayMove() {
    return servers.mayMove();
  }

  @Override
  public String address() {
    return address;
  }

  /** {@inheritDoc} One is made if none is idle. */
  @Override
  public <T> T use(Deadline deadline, Function<Wire, T> work) {
    Wire wire = borrow(deadline);
    boolean endedWell = false;
    try {
      inUse.add(wire);
      if (isOvertaken(wire)) {
        throw new JedisConnectionException("another server has become the master");
      }
      wire.begin(deadline);
      T result = work.apply(wire);
      endedWell = true;
      return result;
    } catch (JedisDataException | TryAgain | BackendException e) {
      // All replies of what was sent have been read, so the connection is in order; unless its
      // server is a replica now.
      endedWell = !(mayMove() && ErrorReplies.isReplica(e));
      throw e;
    } finally {
      inUse.remove(wire);
      boolean reusable = wire.end() && endedWell;
      giveBack(wire, reusable);
    }
  }

  @Override
  public void lost() {
    dropIdle();
  }

  @Override
  public boolean leadsOn(JedisDataException refusal) {
    boolean isOvertaken = mayMove() && ErrorReplies.isReplica(refusal);
    if (isOvertaken) {
      dropIdle();
    }
    return isOvertaken;
  }

  /** Closes the connections that nobody uses: where one was found dead, they may be too. */
  void dropIdle() {
    lost.set(true);
    servers.doubt();
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
    if (retired) {
      throw new JedisConnectionException(address() + " is no master any more");
    }
    if (!mayMove()) {
      return dialer.dial(servers.current(deadline), kind, deadline.half(), protocol);
    }
    // Nobody cuts it off while it is made, and meanwhile another one may become master.
    Deadline soon = deadline.half().orAfter(MOVING_LIMIT);
    HostAndPort server = servers.current(soon);
    W connection = dialer.dial(server, kind, soon, protocol);
    requireMaster(connection, server);
    return connection;
  }

  /** A server that was master before, and does not know yet that it is not, says so. */
  private static void requireMaster(Connection connection, HostAndPort server) {
    boolean isMaster = false;
    try {
      List<?> role = (List<?>) connection.executeCommand(Command.ROLE);
      isMaster = new String((byte[]) role.get(0), US_ASCII).equals("master");
      if (!isMaster) {
        throw new JedisConnectionException(server + " is not the master yet, or not any more");
      }
    } catch (JedisAccessControlException e) {
      // Who may not ask finds out when he writes.
      isMaster = true;
    } finally {
      if (!isMaster) {
        Dialer.cut(connection);
      }
    }
  }

  /** What may be behind a failure that does not say so. */
  String tlsHint(JedisConnectionException failure) {
    return dialer.tlsHint(failure);
  }

  /** Whether the server knows HELLO, as far as known: then it is Redis 6.0 or later. */
  boolean saysHello() {
    return saysHello;
  }

  /** What was committed through these. */
  UnsyncedCommits unsynced() {
    return unsynced;
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends all connections, also those in use. */
  @Override
  public void close() {
    closed = true;
    if (servers instanceof Sentinels sentinels) {
      sentinels.close();
    }
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
                + bound
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
    int now = era.get();
    Wire wire = made(deadline);
    wire.begins(now, unsynced);
    if (lost.getAndSet(false)) {
      dialer.options().listener().reconnected();
    }
    return wire;
  }

  private Wire made(Deadline deadline) {
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
    if (reusable && !isOvertaken(wire)) {
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
