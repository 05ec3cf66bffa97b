package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;

/** Another client of the same server, which says what it likes. Not safe for threads. */
final class RawRedis implements AutoCloseable {

  private final Connection connection;

  private RawRedis(Connection connection) {
    this.connection = connection;
  }

  static RawRedis of(RedisServer server) {
    return at("127.0.0.1", server.port());
  }

  static RawRedis at(String host, int port) {
    return new RawRedis(new Connection(new HostAndPort(host, port)));
  }

  Object ask(ProtocolCommand command, Object... arguments) {
    return connection.executeCommand(command(command, arguments));
  }

  /** The reply as text; lists are joined with blanks. */
  String text(ProtocolCommand command, Object... arguments) {
    return text(ask(command, arguments));
  }

  private static String text(Object reply) {
    if (reply instanceof byte[] bytes) {
      return Bytes.wrap(bytes).toUtf8();
    }
    if (reply instanceof List<?> list) {
      return String.join(" ", list.stream().map(RawRedis::text).toList());
    }
    return String.valueOf(reply);
  }

  String get(String key) {
    return text(Command.GET, key);
  }

  @Override
  public void close() {
    connection.close();
  }
}
