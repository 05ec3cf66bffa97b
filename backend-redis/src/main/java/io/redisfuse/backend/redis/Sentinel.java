package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A connection to one sentinel, made when it is needed.
 *
 * <p>Only one thread may ask; any may close.
 */
final class Sentinel implements AutoCloseable {

  /**
   * What a sentinel says.
   *
   * @param epoch the number of failovers of which it knows
   * @param isLeaving whether it is just having another server take the master's place
   */
  record Opinion(HostAndPort master, long epoch, boolean isLeaving) {}

  private final HostAndPort host;
  private final String name;
  private final BiFunction<HostAndPort, Deadline, Connection> connector;
  private volatile Connection connection;
  private volatile boolean closed;

  /**
   * A sentinel.
   *
   * @param name of the master
   * @param connector connects to a sentinel, within a time
   */
  Sentinel(HostAndPort host, String name, BiFunction<HostAndPort, Deadline, Connection> connector) {
    this.host = host;
    this.name = name;
    this.connector = connector;
  }

  HostAndPort host() {
    return host;
  }

  /**
   * What it says now; nothing if it knows no master of the name.
   *
   * @throws JedisConnectionException if it does not answer
   * @throws JedisAccessControlException if it wants a password, or another one
   */
  Optional<Opinion> ask(Deadline deadline) {
    Connection current = connected(deadline);
    try {
      current.setSoTimeout(deadline.millisLeft());
      // In this order: an address that is newer than the epoch is believed less, not more.
      current.sendCommand(Commands.command(Command.SENTINEL, "MASTER").add(name));
      current.sendCommand(Commands.command(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME").add(name));
      List<Object> replies = current.getMany(2);
      for (Object reply : replies) {
        if (reply instanceof JedisAccessControlException refusal) {
          throw refusal;
        }
      }
      return parse(replies.get(0), replies.get(1));
    } catch (JedisException e) {
      connection = null;
      Dialer.cut(current);
      throw e;
    }
  }

  private Connection connected(Deadline deadline) {
    if (connection == null) {
      Connection made = connector.apply(host, deadline);
      connection = made;
      if (closed) {
        Dialer.cut(made);
        throw new JedisConnectionException("closed");
      }
    }
    return connection;
  }

  /** Ends the connection, also under who is asking. */
  @Override
  public void close() {
    closed = true;
    Connection last = connection;
    if (last != null) {
      Dialer.cut(last);
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
    if (!(state instanceof List<?> fields)
        || !(address instanceof List<?> pair)
        || pair.size() < 2) {
      return Optional.empty();
    }
    HostAndPort master = new HostAndPort(text(pair.get(0)), Integer.parseInt(text(pair.get(1))));
    boolean isPromoted =
        !field(fields, "ip").equals(master.getHost())
            || !field(fields, "port").equals(text(pair.get(1)));
    String epoch = field(fields, "config-epoch");
    return Optional.of(
        new Opinion(
            master,
            epoch.isEmpty() ? 0 : Long.parseLong(epoch),
            !isPromoted && field(fields, "flags").contains("failover_in_progress")));
  }

  private static String field(List<?> state, String name) {
    for (int i = 0; i + 1 < state.size(); i += 2) {
      if (text(state.get(i)).equals(name)) {
        return text(state.get(i + 1));
      }
    }
    return "";
  }

  private static String text(Object part) {
    return part instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(part);
  }
}
