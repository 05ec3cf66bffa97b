package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.resps.Slowlog;

/** A {@code redis-server} of the benchmark's own, which logs commands slower than 10 ms. */
final class Server implements AutoCloseable {

  private static final String SLOW_MICROS = "10000";
  private static final long START_NANOS = 20_000_000_000L;
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Process process;
  private final int port;
  private final Thread lastResort;

  private Server(Process process, int port) {
    this.process = process;
    this.port = port;
    this.lastResort = new Thread(process::destroyForcibly, "end of redis-server");
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  static Server start(Path directory) throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(List.of("redis-server", "--port", String.valueOf(port), "--save", ""));
    command.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString()));
    command.addAll(List.of("--slowlog-log-slower-than", SLOW_MICROS, "--slowlog-max-len", "1000"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Server server = new Server(process, port);
    long end = System.nanoTime() + START_NANOS;
    while (!server.answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        server.close();
        throw new IOException("redis-server did not start on port " + port);
      }
      Thread.sleep(20);
    }
    return server;
  }

  private boolean answers() {
    try (Jedis client = client()) {
      return "PONG".equals(client.ping());
    } catch (JedisConnectionException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  String uri() {
    return "redis://127.0.0.1:" + port + "/0";
  }

  /** A new connection, which the caller closes. */
  Jedis client() {
    return new Jedis("127.0.0.1", port, TIMEOUT_MILLIS);
  }

  /** The processor time that the server has used, in seconds. */
  double processorSeconds() {
    String info = information("cpu");
    return number(info, "used_cpu_sys") + number(info, "used_cpu_user");
  }

  /** What the server holds for its clients at the moment, in bytes: output buffers, above all. */
  double clientBytes() {
    return number(information("memory"), "mem_clients_normal");
  }

  private String information(String section) {
    try (Jedis client = client()) {
      return client.info(section);
    }
  }

  private static double number(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("INFO does not say " + name));
  }

  void forgetSlowCommands() {
    try (Jedis client = client()) {
      client.slowlogReset();
    }
  }

  /** What took longer than 10 ms since {@link #forgetSlowCommands}: command and milliseconds. */
  List<String> slowCommands() {
    try (Jedis client = client()) {
      return client.slowlogGet(1000).stream().map(Server::say).toList();
    }
  }

  private static String say(Slowlog entry) {
    return entry.getArgs().get(0) + " " + entry.getExecutionTime() / 1000 + " ms";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook runs.
    }
  }
}
