package io.redisfuse.backend.redis;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

/** Makes connections, as the options say: with TLS or without, and as whom to log in. */
final class Dialer {

  private static final Logger log = LoggerFactory.getLogger(Dialer.class);

  private final RedisOptions options;
  private final RedisAddress address;
  private final Optional<SslOptions> tls;

  Dialer(RedisOptions options) {
    this.options = options;
    this.address = options.address();
    this.tls = address.isEncrypted() ? Optional.of(options.tls().forJedis()) : Optional.empty();
  }

  RedisOptions options() {
    return options;
  }

  /**
   * Makes a connection to a server and logs in.
   *
   * @param kind the constructor of its class
   * @param protocol what HELLO asks for; without one there is no HELLO, which is since Redis 6.0
   * @throws JedisConnectionException if it could not be made
   * @throws redis.clients.jedis.exceptions.JedisProtocolNotSupportedException if the server knows
   *     no HELLO or not that protocol; its cause may quote the password
   * @throws JedisDataException if the server refused
   */
  <W extends Connection> W dial(
      HostAndPort server,
      BiFunction<HostAndPort, JedisClientConfig, W> kind,
      Deadline deadline,
      Optional<RedisProtocol> protocol) {
    return kind.apply(server, config(deadline, protocol, Login.SERVER));
  }

  /** Makes a connection to a sentinel, which may have the password of the servers, or none. */
  Connection dialSentinel(HostAndPort sentinel, Deadline deadline) {
    Connection connection =
        new Connection(sentinel, config(deadline, Optional.empty(), Login.NONE));
    try {
      connection.ping();
      return connection;
    } catch (JedisDataException e) {
      // It has a password, which is that of the servers then.
      cut(connection);
    } catch (JedisException e) {
      cut(connection);
      throw e;
    }
    return new Connection(sentinel, config(deadline, Optional.empty(), Login.SENTINEL));
  }

  /** Ends a connection without a word to the server. */
  static void cut(Connection connection) {
    try {
      connection.forceDisconnect();
    } catch (IOException e) {
      log.debug("closing a connection", e);
    }
  }

  /** As whom to log in. */
  private enum Login {
    NONE,
    SENTINEL,
    SERVER
  }

  private JedisClientConfig config(
      Deadline deadline, Optional<RedisProtocol> protocol, Login login) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .serverDefaultProtocol()
            .connectionTimeoutMillis(deadline.millisLeft())
            .socketTimeoutMillis(deadline.millisLeft())
            .database(login == Login.SERVER ? address.database() : 0)
            // Old sentinels do not know CLIENT.
            .clientName(login == Login.SERVER ? "redisfuse" : null)
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
    protocol.ifPresent(config::protocol);
    if (address.isEncrypted()) {
      config.sslOptions(tls.orElseThrow());
    }
    options
        .password()
        .filter(secret -> login != Login.NONE)
        .ifPresent(
            secret ->
                config.credentials(
                    new DefaultRedisCredentials(address.user().orElse(null), secret.get())));
    return config.build();
  }

  /**
   * What may be behind a failure that does not say so. A server that does not speak TLS waits for
   * the rest of what it takes for a command; one that wants a certificate ends the connection, and
   * its reason is lost if something was sent meanwhile.
   */
  String tlsHint(JedisConnectionException failure) {
    if (!address.isEncrypted() || Reasons.isNeverBegun(failure)) {
      return "";
    }
    if (Reasons.isLate(failure)) {
      return ", as from one that does not speak TLS there: then write redis:// instead of rediss://";
    }
    return options.tls().identity().isEmpty()
        ? ", as from one that wants a certificate of ours: then give one with --tls-cert and"
            + " --tls-key"
        : "";
  }
}
