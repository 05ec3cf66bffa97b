package io.redisfuse.backend.redis;

import io.redisfuse.backend.redis.RedisServer.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A master with two replicas, and three {@code redis-sentinel} processes that replace it when it
 * does not answer for a second. All of it ends with {@link #close}, at the latest with the JVM.
 *
 * <p>Not safe for threads.
 */
public final class SentinelSet implements AutoCloseable {

  /** The name by which the sentinels know the master. */
  public static final String MASTER = "mymaster";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SENTINELS = 3;

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<Process> sentinels = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final String host;
  private final Path directory;
  private final Thread lastResort = new Thread(this::discard, "redis-sentinel-cleanup");

  private SentinelSet(Place here, Place mastersPlace, List<String> options) throws IOException {
    host = here.host();
    directory = Files.createTempDirectory("redisfuse-sentinel-");
    Runtime.getRuntime().addShutdownHook(lastResort);
    try {
      start(here, mastersPlace, options);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts all of it, and waits until the replicas replicate and the sentinels know each other.
   *
   * @param options more of the command line of each server
   */
  public static SentinelSet start(String... options) {
    return start(Place.HERE, Place.HERE, options);
  }

  /** As {@link #start(String...)}, with the first master in a network of its own. */
  public static SentinelSet startApart(NetworkNamespace network) {
    return start(
        new Place(network.here(), List.of()),
        new Place(network.there(), network.runner()),
        "--protected-mode",
        "no");
  }

  private static SentinelSet start(Place here, Place mastersPlace, String... options) {
    try {
      return new SentinelSet(here, mastersPlace, List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException("no sentinels", e);
    }
  }

  private void start(Place here, Place mastersPlace, List<String> more) throws IOException {
    List<String> options = new ArrayList<>(more);
    options.addAll(List.of("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"));
    RedisServer master = RedisServer.start(mastersPlace, options.toArray(String[]::new));
    servers.add(master);
    options.addAll(List.of("--replicaof", mastersPlace.host(), String.valueOf(master.port())));
    for (int i = 0; i < 2; i++) {
      servers.add(RedisServer.start(here, options.toArray(String[]::new)));
    }
    await(
        "replicas",
        () ->
            master
                    .cli("INFO", "replication")
                    .lines()
                    .filter(l -> l.contains("state=online"))
                    .count()
                == 2);
    for (int i = 0; i < SENTINELS; i++) {
      startSentinel(i, mastersPlace.host() + " " + master.port());
    }
    await("sentinels", this::knowEachOther);
  }

  private void startSentinel(int number, String master) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path home = Files.createDirectory(directory.resolve("s" + number));
    Path config = home.resolve("sentinel.conf");
    Files.write(
        config,
        List.of(
            "port " + port,
            "bind " + host,
            "protected-mode no",
            "dir " + home,
            "sentinel monitor " + MASTER + " " + master + " 2",
            "sentinel down-after-milliseconds " + MASTER + " 1000",
            "sentinel failover-timeout " + MASTER + " 4000",
            "sentinel parallel-syncs " + MASTER + " 2"));
    sentinels.add(
        new ProcessBuilder("redis-sentinel", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("output.log").toFile())
            .start());
    ports.add(port);
  }

  private boolean knowEachOther() {
    return ports.stream()
        .allMatch(
            port -> {
              List<String> said = ask(port, "SENTINEL", "MASTER", MASTER).lines().toList();
              return said.contains("num-other-sentinels")
                  && said.get(said.indexOf("num-other-sentinels") + 1).equals("2")
                  && said.get(said.indexOf("num-slaves") + 1).equals("2");
            });
  }

  private String ask(int port, String... words) {
    List<String> line = new ArrayList<>(List.of("-h", host, "-p", String.valueOf(port)));
    line.addAll(Arrays.asList(words));
    return RedisServer.run(line);
  }

  /** The address of its master, with database 0. */
  public String uri() {
    return "redis-sentinel://"
        + ports.stream().map(port -> host + ":" + port).collect(Collectors.joining(","))
        + "/"
        + MASTER
        + "/0";
  }

  /** Whom the sentinels take for the master now. */
  public RedisServer master() {
    int port =
        ports.stream()
            .map(sentinel -> ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER))
            .filter(said -> said.contains("\n"))
            .map(said -> Integer.parseInt(said.lines().toList().get(1)))
            .findFirst()
            .orElseThrow();
    return servers.stream().filter(server -> server.port() == port).findFirst().orElseThrow();
  }

  /** The master and its replicas, whichever of them is what. */
  public List<RedisServer> servers() {
    return List.copyOf(servers);
  }

  /** Has another server become master, while the present one lives. */
  public void failOver() {
    ask(ports.get(0), "SENTINEL", "FAILOVER", MASTER);
  }

  /** Waits until another one than this is master, and says so itself. */
  public RedisServer awaitOtherThan(RedisServer before) {
    await(
        "another master",
        () -> {
          RedisServer now = master();
          return now != before && now.cli("ROLE").startsWith("master");
        });
    return master();
  }

  /** Waits until a server is a replica of the present master, with all that this has. */
  public void awaitReplica(RedisServer server) {
    await(
        "a replica",
        () -> {
          List<String> role = server.cli("ROLE").lines().toList();
          return role.get(0).equals("slave") && role.contains("connected");
        });
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
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook runs.
    }
  }

  private void discard() {
    sentinels.forEach(Process::destroyForcibly);
    IntStream.range(0, servers.size()).forEach(i -> servers.get(i).close());
    try (Stream<Path> all = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
      for (Process sentinel : sentinels) {
        sentinel.waitFor(20, TimeUnit.SECONDS);
      }
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the sentinels' directory stays", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
