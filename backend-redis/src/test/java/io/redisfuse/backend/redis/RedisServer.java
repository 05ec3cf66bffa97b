package io.redisfuse.backend.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A {@code redis-server} process of the machine's own package, on a free port of 127.0.0.1, in a
 * temporary directory, without persistence unless the options turn it on. It ends with {@link
 * #close}, at the latest with the JVM.
 *
 * <p>Not safe for threads.
 */
public final class RedisServer implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PORT_TRIES = 5;

  private final Place place;
  private final Path directory;
  private final List<String> options;
  private final Thread lastResort = new Thread(this::discard, "redis-server-cleanup");
  private final int port;
  private Process process;
  private boolean frozen;

  /**
   * Where a server runs.
   *
   * @param host the address on which it listens
   * @param runner the command that runs it there
   */
  record Place(String host, List<String> runner) {
    static final Place HERE = new Place("127.0.0.1", List.of());
  }

  private RedisServer(Place place, List<String> options) throws IOException {
    this.place = place;
    this.options = List.copyOf(options);
    this.directory = Files.createTempDirectory("redisfuse-redis-");
    Runtime.getRuntime().addShutdownHook(lastResort);
    try {
      this.port = startOnFreePort();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param options more of its command line, as {@code --requirepass secret}
   */
  public static RedisServer start(String... options) {
    return start(Place.HERE, options);
  }

  /** As {@link #start(String...)}, in another place. */
  static RedisServer start(Place place, String... options) {
    try {
      return new RedisServer(place, List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException("no redis-server", e);
    }
  }

  public int port() {
    return port;
  }

  /** The address, with database 0. */
  public String uri() {
    return "redis://" + place.host() + ":" + port + "/0";
  }

  /** The options for {@link #uri}. */
  public RedisOptions options() {
    return RedisOptions.of(uri());
  }

  public long pid() {
    return process.pid();
  }

  /** Whether the process runs and is not frozen. */
  boolean isAlive() {
    return process.isAlive() && !frozen;
  }

  /** Stops the process where it is: it keeps its connections and answers nothing. */
  public void freeze() {
    frozen = true;
    signal("STOP");
  }

  /** Lets a frozen process go on. */
  public void thaw() {
    signal("CONT");
    frozen = false;
  }

  /** Kills the process. What was not persisted is lost. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Starts the process again, on the same port and in the same directory. */
  public void restart() {
    try {
      launch(port);
    } catch (IOException e) {
      throw new UncheckedIOException("the redis-server did not start again", e);
    }
  }

  /** Runs {@code redis-cli} with these words and returns what it printed. */
  public String cli(String... words) {
    List<String> arguments =
        new ArrayList<>(List.of("-h", place.host(), "-p", String.valueOf(port)));
    arguments.addAll(List.of(words));
    return run(arguments);
  }

  /** Runs {@code redis-cli} with these arguments and returns what it printed. */
  static String run(List<String> arguments) {
    List<String> line = new ArrayList<>(List.of("redis-cli"));
    line.addAll(arguments);
    try {
      Process cli = new ProcessBuilder(line).redirectErrorStream(true).start();
      cli.getOutputStream().close();
      String output = new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!cli.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        cli.destroyForcibly();
        throw new IllegalStateException("redis-cli hangs");
      }
      return output.strip();
    } catch (IOException e) {
      throw new UncheckedIOException("no redis-cli", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Ends the process and removes its directory. Idempotent. */
  @Override
  public void close() {
    discard();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook runs.
    }
  }

  private int startOnFreePort() throws IOException {
    for (int tries = 1; ; tries++) {
      int free = freePort();
      try {
        launch(free);
        return free;
      } catch (IOException e) {
        // Somebody else may have taken the port meanwhile.
        if (tries == PORT_TRIES) {
          throw e;
        }
      }
    }
  }

  private void launch(int onPort) throws IOException {
    frozen = false;
    List<String> line = new ArrayList<>(place.runner());
    line.addAll(
        List.of(
            "redis-server",
            "--port",
            String.valueOf(onPort),
            "--bind",
            place.host(),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            directory.toString(),
            "--daemonize",
            "no"));
    line.addAll(options);
    Path output = directory.resolve("output.log");
    process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers(onPort)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        awaitEnd();
        throw new IOException("redis-server does not answer: " + Files.readString(output));
      }
    }
  }

  private boolean answers(int onPort) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(place.host(), onPort), 1000);
      socket.setSoTimeout(1000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readNBytes(2), StandardCharsets.US_ASCII);
      // "+PONG", or "-NOAUTH …"; but "-LOADING …" serves nobody yet.
      return (answer.startsWith("+") || answer.equals("-N")) && process.isAlive();
    } catch (IOException e) {
      try {
        // Returns as soon as the process has ended, in vain.
        process.waitFor(10, TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", interrupted);
      }
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
      if (!kill.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("could not send SIG" + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("could not send SIG" + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void discard() {
    if (process != null) {
      process.destroyForcibly();
      awaitEnd();
    }
    try (Stream<Path> all = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the server's directory stays", e);
    }
  }

  private void awaitEnd() {
    boolean interrupted = false;
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try {
        process.waitFor(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        // The process must not outlive a test that ran out of time.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
