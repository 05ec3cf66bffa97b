package io.redisfuse.it;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.redis.RedisServer;
import io.redisfuse.it.Keyspace.Holding;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** A {@code redis-server} of the test's own, and a client that sees what it holds. */
final class Redis {

  /** Long enough for a script over a large value on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RedisServer server;

  private Redis(RedisServer server) {
    this.server = server;
  }

  /** Starts a server with nothing in it. */
  static Redis start(String... options) {
    return new Redis(RedisServer.start(options));
  }

  String uri() {
    return server.uri();
  }

  int port() {
    return server.port();
  }

  /** A new connection, which the caller closes. */
  Jedis client() {
    return new Jedis(
        new HostAndPort("127.0.0.1", port()),
        DefaultJedisClientConfig.builder().timeoutMillis((int) PATIENCE.toMillis()).build());
  }

  /** Kills the server: what it had not persisted is lost. */
  void kill() {
    server.kill();
  }

  /** Starts it again, on the same port, with what it had persisted. */
  void restart() {
    server.restart();
  }

  /** The server stands still, and its connections with it. */
  void freeze() {
    server.freeze();
  }

  void thaw() {
    server.thaw();
  }

  void close() {
    server.close();
  }

  /** Everything in database 0. */
  Keyspace keyspace() {
    Keyspace keyspace = Keyspace.empty();
    try (Jedis client = client()) {
      byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
      do {
        ScanResult<byte[]> page = client.scan(cursor, new ScanParams().count(1000));
        for (byte[] key : page.getResult()) {
          holding(client, key).ifPresent(held -> keyspace.keys().put(Bytes.copyOf(key), held));
        }
        cursor = page.getCursorAsBytes();
      } while (!Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
    }
    return keyspace;
  }

  private static Optional<Holding> holding(Jedis client, byte[] key) {
    String type = client.type(key);
    return switch (type) {
      case "none" -> Optional.empty();
      case "string" -> Optional.of(new Holding.Text(Bytes.copyOf(client.get(key))));
      case "hash" -> {
        Holding.Hash hash = new Holding.Hash(new TreeMap<>());
        client
            .hgetAll(key)
            .forEach((field, value) -> hash.fields().put(Bytes.copyOf(field), Bytes.copyOf(value)));
        yield Optional.of(hash);
      }
      case "list" ->
          Optional.of(
              new Holding.Items(client.lrange(key, 0, -1).stream().map(Bytes::copyOf).toList()));
      case "set" ->
          Optional.of(
              new Holding.Members(
                  new TreeSet<>(client.smembers(key).stream().map(Bytes::copyOf).toList())));
      case "zset" -> Optional.of(new Holding.Other(type, client.zcard(key)));
      case "stream" -> Optional.of(new Holding.Other(type, client.xlen(key)));
      default -> Optional.of(new Holding.Other(type, 0));
    };
  }

  /** A string's value, as text. */
  String get(String key) {
    try (Jedis client = client()) {
      return client.get(key);
    }
  }

  /** A field's value, as text. */
  String get(String key, String field) {
    try (Jedis client = client()) {
      return client.hget(key, field);
    }
  }

  /** Does something with a connection. */
  void with(Consumer<Jedis> action) {
    try (Jedis client = client()) {
      action.accept(client);
    }
  }
}
