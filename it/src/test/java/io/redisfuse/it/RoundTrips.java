package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a mount and its server and counts how often the mount asks and waits for the
 * answer. The server's own statistics cannot tell: they count commands, of which a pipeline has
 * many, or reads of a socket, of which a long pipeline needs many as well. So whatever a client
 * sends is held back until it has sent nothing for a moment, since then it waits: that is one round
 * trip. A client that was interrupted while it sent counts as one that waited, so that the count is
 * too high now and then, and never too low.
 *
 * <p>The connection of the change feed is passed through and not counted.
 */
final class RoundTrips implements AutoCloseable {

  private static final int SILENCE_MILLIS = 25;
  private static final int MANY = 100;
  private static final String FEED = "TRACKING";

  private final ServerSocket listener;
  private final int server;
  private final AtomicInteger count = new AtomicInteger();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  private RoundTrips(ServerSocket listener, int server) {
    this.listener = listener;
    this.server = server;
  }

  static RoundTrips to(Redis redis) {
    assumeThat(Redis.isCluster()).as("those to several servers are not counted").isFalse();
    try {
      RoundTrips trips =
          new RoundTrips(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), redis.port());
      trips.run("accepts", trips::accept);
      return trips;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String uri() {
    return "redis://127.0.0.1:" + listener.getLocalPort() + "/0";
  }

  /** How many there were since {@link #reset}. */
  int count() {
    return count.get();
  }

  void reset() {
    count.set(0);
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private void run(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // An end was closed.
              }
            },
            "round trips: " + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      sockets.add(client);
      Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
      sockets.add(upstream);
      for (Socket socket : List.of(client, upstream)) {
        socket.setTcpNoDelay(true);
      }
      run("questions", () -> ask(client, upstream));
      run("answers", () -> answer(upstream, client));
    }
  }

  private static void answer(Socket upstream, Socket client) throws IOException {
    try (upstream;
        client) {
      upstream.getInputStream().transferTo(client.getOutputStream());
    }
  }

  private void ask(Socket client, Socket upstream) throws IOException {
    try (upstream;
        client) {
      InputStream in = client.getInputStream();
      OutputStream out = upstream.getOutputStream();
      byte[] buffer = new byte[1 << 20];
      boolean counted = true;
      for (int first = in.read(buffer); first > 0; first = in.read(buffer)) {
        int length = first;
        if (new String(buffer, 0, length, ISO_8859_1).contains(FEED)) {
          counted = false;
        }
        // Beyond what a test can want to know, time is better saved.
        if (counted && count.get() < MANY) {
          length = gather(client, in, buffer, first);
        }
        if (counted) {
          count.incrementAndGet();
        }
        out.write(buffer, 0, length);
      }
    }
  }

  private static int gather(Socket client, InputStream in, byte[] buffer, int first)
      throws IOException {
    int length = first;
    client.setSoTimeout(SILENCE_MILLIS);
    try {
      while (length < buffer.length) {
        int more = in.read(buffer, length, buffer.length - length);
        if (more < 0) {
          break;
        }
        length += more;
      }
    } catch (SocketTimeoutException e) {
      // It waits.
    } finally {
      client.setSoTimeout(0);
    }
    return length;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    for (Thread thread : threads) {
      try {
        thread.join(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
