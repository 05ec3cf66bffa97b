package io.redisfuse.backend.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A network of its own for processes of a test, with one way to this one, which can be cut: then
 * nothing comes through any more, and nobody says so.
 */
public final class NetworkNamespace implements AutoCloseable {

  private static final String THERE = "there0";
  private static final int PATIENCE_SECONDS = 20;

  private final String name;
  private final String subnet;

  private NetworkNamespace(String name, String subnet) {
    this.name = name;
    this.subnet = subnet;
  }

  /** Whether this machine lets us make one, which takes root and {@code ip}. */
  public static boolean isPossible() {
    String name = randomName();
    try {
      if (attempt("ip", "netns", "add", name) != 0) {
        return false;
      }
      boolean linked =
          attempt("ip", "link", "add", name, "type", "veth", "peer", "name", THERE, "netns", name)
              == 0;
      attempt("ip", "netns", "del", name);
      return linked;
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes one. */
  public static NetworkNamespace create() {
    String name = randomName();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    NetworkNamespace made =
        new NetworkNamespace(name, "10." + random.nextInt(200, 250) + "." + random.nextInt(256));
    run("ip", "netns", "add", name);
    try {
      run("ip", "link", "add", name, "type", "veth", "peer", "name", THERE, "netns", name);
      run("ip", "addr", "add", made.here() + "/30", "dev", name);
      run("ip", "link", "set", name, "up");
      run("ip", "-n", name, "addr", "add", made.there() + "/30", "dev", THERE);
      run("ip", "-n", name, "link", "set", "lo", "up");
      made.join();
      return made;
    } catch (IllegalStateException e) {
      made.close();
      throw e;
    }
  }

  private static String randomName() {
    return "rf" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
  }

  /** The address of this side, as the other one sees it. */
  public String here() {
    return subnet + ".1";
  }

  /** The address of the other side. */
  public String there() {
    return subnet + ".2";
  }

  /** The command that runs others in there. */
  List<String> runner() {
    return List.of("ip", "netns", "exec", name);
  }

  /** Nothing comes through any more, either way. */
  public void cut() {
    run("ip", "-n", name, "link", "set", THERE, "down");
  }

  /** All comes through again. */
  public void join() {
    run("ip", "-n", name, "link", "set", THERE, "up");
  }

  @Override
  public void close() {
    // The link goes with it.
    run("ip", "netns", "del", name);
  }

  private static void run(String... command) {
    try {
      int status = attempt(command);
      if (status != 0) {
        throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int attempt(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " hangs");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
