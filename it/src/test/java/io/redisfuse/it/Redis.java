package io.redisfuse.it;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.redis.ClusterSet;
import io.redisfuse.backend.redis.RedisServer;
import io.redisfuse.it.Keyspace.Holding;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * A {@code redis-server} of the test's own, and a client that sees what it holds. With {@code
 * -Dredisfuse.cluster=true} it is a cluster of three masters and three replicas, so that all tests
 * of mounts can be run on one. Nobody is replaced there: a test that has it stand still or end does
 * so with all of it.
 */
final class Redis {

  /** What the keys begin with by which commits find out whether they were applied. */
  static final String MARKS = ".redisfuse:commit:";

  private static final int MASTERS = 3;
  private static final String PASSWORD = "--requirepass";

  /** Long enough for a script over a large value on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final DefaultJedisClientConfig CONFIG =
      DefaultJedisClientConfig.builder()
          .serverDefaultProtocol()
          .timeoutMillis((int) PATIENCE.toMillis())
          .build();

  private final String uri;

  /** Those that take writes. */
  private final List<RedisServer> masters;

  private final Optional<ClusterSet> cluster;

  private Redis(String uri, List<RedisServer> masters, Optional<ClusterSet> cluster) {
    this.uri = uri;
    this.masters = List.copyOf(masters);
    this.cluster = cluster;
  }

  /** Starts a server with nothing in it. */
  static Redis start(String... options) {
    if (isCluster()) {
      assumeThat(options).as("a cluster of the tests has no password").doesNotContain(PASSWORD);
      ClusterSet cluster = ClusterSet.replicated(MASTERS, options);
      cluster.stopFailovers();
      return new Redis(cluster.uri(), cluster.servers().subList(0, MASTERS), Optional.of(cluster));
    }
    RedisServer server = RedisServer.start(options);
    return new Redis(server.uri(), List.of(server), Optional.empty());
  }

  /** Whether it is a cluster. */
  static boolean isCluster() {
    return Boolean.getBoolean("redisfuse.cluster");
  }

  /** The masters, and their replicas. */
  private List<RedisServer> servers() {
    return cluster.map(ClusterSet::servers).orElse(masters);
  }

  String uri() {
    return uri;
  }

  /** The port of the server, or of the first one. */
  int port() {
    return masters.get(0).port();
  }

  /** The ports of all its servers that take writes. */
  List<Integer> ports() {
    return masters.stream().map(RedisServer::port).toList();
  }

  /** Does something with a connection to each server that takes writes. */
  void withEach(Consumer<Jedis> action) {
    for (HostAndPort address : addresses(masters)) {
      try (Jedis client = new Jedis(address, CONFIG)) {
        action.accept(client);
      }
    }
  }

  /** The address, as a user. */
  String uri(String user) {
    return uri.replaceFirst("//", "//" + user + "@");
  }

  /** A new connection, which the caller closes. */
  Jedis client() {
    return isCluster()
        ? new Jedis(new FollowingConnection(addresses(masters), addresses(servers()), CONFIG))
        : new Jedis(addresses(masters).get(0), CONFIG);
  }

  private static List<HostAndPort> addresses(List<RedisServer> servers) {
    return servers.stream().map(server -> new HostAndPort("127.0.0.1", server.port())).toList();
  }

  /** Kills the server: what it had not persisted is lost. */
  void kill() {
    servers().forEach(RedisServer::kill);
  }

  /** Starts it again, on the same port, with what it had persisted. */
  void restart() {
    servers().forEach(RedisServer::restart);
    cluster.ifPresent(ClusterSet::awaitServing);
    cluster.ifPresent(ClusterSet::stopFailovers);
  }

  /** The server stands still, and its connections with it. */
  void freeze() {
    servers().forEach(RedisServer::freeze);
  }

  void thaw() {
    servers().forEach(RedisServer::thaw);
  }

  void close() {
    servers().forEach(RedisServer::close);
  }

  /** Everything in database 0, but for the marks of commits, which go by themselves. */
  Keyspace keyspace() {
    Keyspace keyspace = Keyspace.empty();
    withEach(client -> addTo(keyspace, client));
    return keyspace;
  }

  private static void addTo(Keyspace keyspace, Jedis client) {
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = client.scan(cursor, new ScanParams().count(1000));
      for (byte[] key : page.getResult()) {
        if (!Bytes.copyOf(key).startsWith(Bytes.utf8(MARKS))) {
          holding(client, key).ifPresent(held -> keyspace.keys().put(Bytes.copyOf(key), held));
        }
      }
      cursor = page.getCursorAsBytes();
    } while (!Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
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
