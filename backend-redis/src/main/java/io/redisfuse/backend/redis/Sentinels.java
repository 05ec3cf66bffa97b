package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Asks sentinels which server is the master of a name. One that was cut off from the others goes on
 * naming the old master, so all are asked, and that is believed which knows of the most failovers.
 *
 * <p>A thread of its own asks all the time, since connections to a master that stands still, or is
 * cut off, tell nothing; when another server has become master, somebody is told.
 */
final class Sentinels implements Servers, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Sentinels.class);

  /** So late a failover is noticed. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** So long one of them may take to answer: there are others. */
  private static final Duration PATIENCE = Duration.ofMillis(700);

  /** What a sentinel says. */
  private record Opinion(HostAndPort master, long epoch) {}

  private final String name;
  private final List<HostAndPort> hosts;
  private final BiFunction<HostAndPort, Deadline, Connection> connector;
  private final Runnable moved;
  private final Thread thread = new Thread(this::watch, "redisfuse-sentinels");

  /** One to each sentinel, as far as there is one; guarded by itself. */
  private final Map<HostAndPort, Connection> connections = new HashMap<>();

  private volatile Opinion known;

  /** Whether a connection was lost since they were asked last. */
  private volatile boolean isDoubted;

  private volatile boolean closed;

  /**
   * Sentinels.
   *
   * @param name of the master
   * @param connector connects to one of them, within a time
   * @param moved told when another server has become master
   */
  Sentinels(
      String name,
      List<HostAndPort> hosts,
      BiFunction<HostAndPort, Deadline, Connection> connector,
      Runnable moved) {
    this.name = name;
    this.hosts = List.copyOf(hosts);
    this.connector = connector;
    this.moved = moved;
    thread.setDaemon(true);
  }

  /** From now on it is noticed when another server becomes master. */
  void start() {
    thread.start();
  }

  @Override
  public HostAndPort current(Deadline deadline) {
    Opinion now = known;
    return now == null ? ask(deadline).master() : isDoubted ? askedAgain(deadline) : now.master();
  }

  /**
   * What they say now, or else what they said before. A server that was restarted says that it is
   * the master, with whatever it has, until they have told it otherwise.
   */
  private HostAndPort askedAgain(Deadline deadline) {
    synchronized (connections) {
      if (isDoubted) {
        try {
          ask(deadline.orAfter(PATIENCE));
        } catch (JedisException e) {
          log.debug("No sentinel answers.", e);
        }
      }
    }
    return known.master();
  }

  @Override
  public void doubt() {
    isDoubted = true;
  }

  @Override
  public boolean mayMove() {
    return true;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    synchronized (connections) {
      connections.values().forEach(Sentinels::cut);
      connections.clear();
    }
  }

  private void watch() {
    try {
      while (!closed) {
        Thread.sleep(PAUSE.toMillis());
        try {
          ask(Deadline.after(PATIENCE.multipliedBy(hosts.size())));
        } catch (JedisException e) {
          log.debug("No sentinel answers.", e);
        } catch (RuntimeException e) {
          log.error("Asking the sentinels for {} failed unexpectedly.", name, e);
        }
      }
    } catch (InterruptedException e) {
      log.debug("closed", e);
    }
  }

  /** What the sentinels say now. */
  private Opinion ask(Deadline deadline) {
    Optional<Opinion> best = Optional.empty();
    JedisException last = null;
    synchronized (connections) {
      isDoubted = false;
      for (HostAndPort host : hosts) {
        try {
          Optional<Opinion> said = opinion(host, deadline.orAfter(PATIENCE));
          if (said.isPresent() && best.filter(b -> b.epoch() >= said.get().epoch()).isEmpty()) {
            best = said;
          }
        } catch (JedisException e) {
          last = e;
          log.debug("The sentinel at {} does not answer.", host, e);
        }
      }
      if (best.isEmpty()) {
        throw last != null && last instanceof JedisConnectionException lost
            ? new JedisConnectionException("no sentinel answers: " + Reasons.of(lost), lost)
            : new JedisConnectionException("no sentinel knows a master " + name, last);
      }
      believe(best.get());
    }
    return best.get();
  }

  private void believe(Opinion now) {
    Opinion before = known;
    if (before != null && before.epoch() > now.epoch()) {
      // Those who know better do not answer now.
      return;
    }
    known = now;
    if (before != null && !before.master().equals(now.master())) {
      log.info("The master {} is at {} now.", name, now.master());
      moved.run();
    }
  }

  private Optional<Opinion> opinion(HostAndPort host, Deadline deadline) {
    Connection connection = connections.get(host);
    if (connection == null) {
      if (closed) {
        throw new JedisConnectionException("closed");
      }
      connection = connector.apply(host, deadline);
      connections.put(host, connection);
    }
    try {
      connection.setSoTimeout(deadline.millisLeft());
      // In this order: an address that is newer than the epoch is believed less, not more.
      Object state =
          connection.executeCommand(Commands.command(Command.SENTINEL, "MASTER").add(name));
      Object address =
          connection.executeCommand(
              Commands.command(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME").add(name));
      return parse(state, address);
    } catch (JedisConnectionException e) {
      connections.remove(host);
      cut(connection);
      throw e;
    } catch (JedisException e) {
      // It knows no master of that name, or does not permit the question.
      log.debug("the sentinel at {}", host, e);
      return Optional.empty();
    }
  }

  /**
   * What two replies say.
   *
   * @param state its {@code ip} is that of the old master until all replicas follow the new one,
   *     while its {@code config-epoch} is of the new one already
   * @param address the new master's from the moment when it is one
   */
  private static Optional<Opinion> parse(Object state, Object address) {
    if (!(address instanceof List<?> pair) || pair.size() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Opinion(
            new HostAndPort(text(pair.get(0)), Integer.parseInt(text(pair.get(1)))),
            epoch((List<?>) state)));
  }

  private static long epoch(List<?> state) {
    for (int i = 0; i + 1 < state.size(); i += 2) {
      if (text(state.get(i)).equals("config-epoch")) {
        return Long.parseLong(text(state.get(i + 1)));
      }
    }
    return 0;
  }

  private static String text(Object part) {
    return part instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(part);
  }

  private static void cut(Connection connection) {
    try {
      connection.forceDisconnect();
    } catch (IOException e) {
      log.debug("closing a connection to a sentinel", e);
    }
  }
}
