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
    try {
      create().close();
      return true;
    } catch (IllegalStateException | UncheckedIOException e) {
      return false;
    }
  }

  /** Makes one. */
  public static NetworkNamespace create() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String name = "rf" + Long.toString(random.nextLong(1L << 40), 36);
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
    String line = String.join(" ", command);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(line + " hangs");
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(line + " ended with " + process.exitValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
