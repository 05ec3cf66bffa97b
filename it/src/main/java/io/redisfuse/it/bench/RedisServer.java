package io.redisfuse.it.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A {@code redis-server} of the benchmark's own, which keeps nothing. */
final class RedisServer implements Stage.Part {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Process process;
  private final int port;

  private RedisServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static RedisServer start(Stage stage, Path directory) throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    List<String> command = new ArrayList<>(List.of("redis-server", "--bind", "127.0.0.1"));
    command.addAll(List.of("--port", String.valueOf(port), "--save", "", "--appendonly", "no"));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    RedisServer server = stage.add(new RedisServer(process, port));
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!server.answers()) {
      if (!server.process.isAlive() || System.nanoTime() > end) {
        throw new IOException("redis-server did not start on port " + port);
      }
      Thread.sleep(20);
    }
    return server;
  }

  private boolean answers() {
    try (Jedis client = connect()) {
      return "PONG".equals(client.ping());
    } catch (JedisConnectionException e) {
      return false;
    }
  }

  String uri() {
    return "redis://127.0.0.1:" + port + "/0";
  }

  /** A new connection, which the caller closes. */
  Jedis connect() {
    return new Jedis(
        new HostAndPort("127.0.0.1", port),
        DefaultJedisClientConfig.builder()
            .timeoutMillis(TIMEOUT_MILLIS)
            // This client knows just one protocol, and would say so each time.
            .autoNegotiateProtocol(false)
            .build());
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
