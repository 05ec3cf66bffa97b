package io.redisfuse.backend.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A Redis Cluster of {@code redis-server} processes: some masters, which have the slots in equal
 * parts, and as many replicas or none. A node that does not answer for a second is replaced. All of
 * it ends with {@link #close}, at the latest with the JVM.
 *
 * <p>Not safe for threads.
 */
public final class ClusterSet implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SLOTS = 16_384;

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<Integer> busPorts = new ArrayList<>();
  private final int masters;

  private ClusterSet(int masters) {
    this.masters = masters;
  }

  /**
   * Starts masters without replicas, and waits until they serve all slots.
   *
   * @param options more of the command line of each server
   */
  public static ClusterSet ofMasters(int count, String... options) {
    ClusterSet set = start(count, List.of(options));
    return set.orClosed(set::awaitServing);
  }

  /** Starts masters with a replica each, and waits until these replicate. */
  public static ClusterSet replicated(int count, String... options) {
    ClusterSet set = start(count, List.of(options));
    return set.orClosed(
        () -> {
          for (int i = 0; i < count; i++) {
            set.add(List.of(options));
          }
          set.meet();
          List<RedisServer> replicas = set.servers.subList(count, 2 * count);
          for (int i = 0; i < count; i++) {
            String master = set.id(set.servers.get(i));
            require("OK", replicas.get(i).cli("CLUSTER", "REPLICATE", master));
          }
          set.awaitServing();
          replicas.forEach(set::awaitReplica);
        });
  }

  private static ClusterSet start(int count, List<String> options) {
    ClusterSet set = new ClusterSet(count);
    return set.orClosed(
        () -> {
          for (int i = 0; i < count; i++) {
            RedisServer master = set.add(options);
            require("OK", master.cli("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1)));
            String first = String.valueOf(i * SLOTS / count);
            String last = String.valueOf((i + 1) * SLOTS / count - 1);
            require("OK", master.cli("CLUSTER", "ADDSLOTSRANGE", first, last));
          }
          set.meet();
        });
  }

  /** This when something was done with it; if that fails, nothing of it is left. */
  private ClusterSet orClosed(Work work) {
    try {
      work.run();
      return this;
    } catch (IOException e) {
      close();
      throw new UncheckedIOException("no cluster", e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private RedisServer add(List<String> more) throws IOException {
    int busPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      busPort = socket.getLocalPort();
    }
    List<String> options =
        new ArrayList<>(
            List.of(
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                String.valueOf(busPort),
                "--cluster-node-timeout",
                "1000",
                "--cluster-allow-replica-migration",
                "no",
                "--repl-diskless-sync-delay",
                "0",
                "--repl-ping-replica-period",
                "1"));
    options.addAll(more);
    RedisServer server = RedisServer.start(options.toArray(String[]::new));
    servers.add(server);
    busPorts.add(busPort);
    return server;
  }

  /** Has one more master join, with no slots. */
  public RedisServer join() {
    try {
      RedisServer server = add(List.of());
      meet();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("no redis-server", e);
    }
  }

  private void meet() {
    for (int i = 1; i < servers.size(); i++) {
      require(
          "OK",
          servers
              .get(0)
              .cli(
                  "CLUSTER",
                  "MEET",
                  "127.0.0.1",
                  String.valueOf(servers.get(i).port()),
                  String.valueOf(busPorts.get(i))));
    }
    await(
        "nodes that know each other",
        () ->
            servers.stream()
                .allMatch(
                    server ->
                        server
                                .cli("CLUSTER", "NODES")
                                .lines()
                                .filter(line -> !line.contains("handshake"))
                                .filter(line -> line.contains("connected"))
                                .count()
                            == servers.size()));
  }

  /** Waits until all nodes say that all slots are served. */
  public void awaitServing() {
    await(
        "a cluster that serves",
        () ->
            servers.stream().allMatch(s -> s.cli("CLUSTER", "INFO").contains("cluster_state:ok")));
  }

  /** From now on, until a node is restarted, none is replaced by another. */
  public void stopFailovers() {
    servers.forEach(
        // With a long timeout from the beginning, nodes would tell each other little.
        server -> require("OK", server.cli("CONFIG", "SET", "cluster-node-timeout", "300000")));
  }

  /** The addresses of its first masters. */
  public String uri() {
    return "redis-cluster://"
        + servers.stream()
            .limit(masters)
            .map(server -> "127.0.0.1:" + server.port())
            .collect(Collectors.joining(","));
  }

  /** The options for {@link #uri}. */
  public RedisOptions options() {
    return RedisOptions.of(uri());
  }

  /** All nodes, whichever of them is what. */
  public List<RedisServer> servers() {
    return List.copyOf(servers);
  }

  /** Who is master and has slots, by what the first live node says. */
  public List<RedisServer> masters() {
    String nodes =
        servers.stream()
            .filter(RedisServer::isAlive)
            .map(server -> server.cli("CLUSTER", "NODES"))
            .filter(said -> said.contains("myself"))
            .findFirst()
            .orElseThrow();
    return servers.stream()
        .filter(
            server ->
                nodes
                    .lines()
                    .filter(line -> line.contains(":" + server.port() + "@"))
                    .anyMatch(
                        line ->
                            line.contains("master")
                                && !line.contains("fail")
                                && line.split(" ").length > 8))
        .toList();
  }

  public static int slot(String key) {
    return JedisClusterCRC16.getSlot(key.getBytes(StandardCharsets.UTF_8));
  }

  /** Who has the slot of a key, as the masters say themselves. */
  public RedisServer ownerOf(String key) {
    return masters().stream()
        .filter(server -> hasSlot(server, slot(key)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean hasSlot(RedisServer server, int slot) {
    return slotsOf(server).get(slot);
  }

  /** The slots that a node has, as it says itself. */
  public static BitSet slotsOf(RedisServer server) {
    BitSet slots = new BitSet(SLOTS);
    server
        .cli("CLUSTER", "NODES")
        .lines()
        .filter(line -> line.contains("myself"))
        .flatMap(line -> Arrays.stream(line.split(" ")).skip(8))
        .filter(range -> !range.startsWith("["))
        .map(range -> range.split("-"))
        .forEach(
            ends ->
                slots.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1));
    return slots;
  }

  /** Asks whichever node has the key. */
  public String cli(String... words) {
    List<String> line =
        new ArrayList<>(List.of("-c", "-p", String.valueOf(masters().get(0).port())));
    line.addAll(List.of(words));
    return RedisServer.run(line);
  }

  public String id(RedisServer server) {
    return server.cli("CLUSTER", "MYID");
  }

  /** Begins to move a slot: from now on its owner sends on who asks for a key that it lacks. */
  public void open(int slot, RedisServer from, RedisServer to) {
    String number = String.valueOf(slot);
    require("OK", to.cli("CLUSTER", "SETSLOT", number, "IMPORTING", id(from)));
    require("OK", from.cli("CLUSTER", "SETSLOT", number, "MIGRATING", id(to)));
  }

  /** Moves keys of a slot that is open. */
  public void migrate(RedisServer from, RedisServer to, String... keys) {
    List<String> words =
        new ArrayList<>(
            List.of("MIGRATE", "127.0.0.1", String.valueOf(to.port()), "", "0", "5000", "KEYS"));
    words.addAll(List.of(keys));
    require("OK", from.cli(words.toArray(String[]::new)));
  }

  /** Ends the move of a slot, whose keys have all been moved. */
  public void settle(int slot, RedisServer from, RedisServer to) {
    String number = String.valueOf(slot);
    String id = id(to);
    require("OK", to.cli("CLUSTER", "SETSLOT", number, "NODE", id));
    require("OK", from.cli("CLUSTER", "SETSLOT", number, "NODE", id));
  }

  /** Moves a slot with all its keys. */
  public void move(int slot, RedisServer from, RedisServer to) {
    open(slot, from, to);
    migrateAll(slot, from, to);
    settle(slot, from, to);
  }

  /** Moves all keys of a slot that is open. */
  public void migrateAll(int slot, RedisServer from, RedisServer to) {
    while (true) {
      List<String> keys =
          from.cli("CLUSTER", "GETKEYSINSLOT", String.valueOf(slot), "100")
              .lines()
              .filter(key -> !key.isEmpty())
              .toList();
      if (keys.isEmpty()) {
        break;
      }
      migrate(from, to, keys.toArray(String[]::new));
    }
  }

  /** Has {@code redis-cli} put in order what a move that did not end has left. */
  public String fix() {
    return RedisServer.run(
        List.of("--cluster", "fix", "127.0.0.1:" + masters().get(0).port(), "--cluster-yes"));
  }

  /** Has the replica of a master become master, while the present one lives. Returns it. */
  public RedisServer failOver(RedisServer master) {
    RedisServer replica = replicaOf(master);
    require("OK", replica.cli("CLUSTER", "FAILOVER"));
    await("a failover", () -> replica.cli("ROLE").startsWith("master"));
    return replica;
  }

  public RedisServer replicaOf(RedisServer master) {
    return servers.stream()
        .filter(server -> server != master && server.isAlive())
        .filter(
            server -> {
              List<String> role = server.cli("ROLE").lines().toList();
              return role.get(0).equals("slave")
                  && role.get(2).equals(String.valueOf(master.port()));
            })
        .findFirst()
        .orElseThrow();
  }

  /** Waits until a node is master, and says so itself. */
  public void awaitMaster(RedisServer server) {
    await(
        "a new master",
        () -> server.cli("ROLE").startsWith("master") && masters().contains(server));
  }

  /** Waits until a node is a replica that has all that its master has. */
  public void awaitReplica(RedisServer server) {
    await(
        "a replica",
        () -> {
          List<String> role = server.cli("ROLE").lines().toList();
          return role.get(0).equals("slave") && role.contains("connected");
        });
  }

  private static void require(String expected, String answer) {
    if (!answer.equals(expected)) {
      throw new IllegalStateException("redis-cli said: " + answer);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain for " + what);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  @Override
  public void close() {
    servers.forEach(RedisServer::close);
  }
}
