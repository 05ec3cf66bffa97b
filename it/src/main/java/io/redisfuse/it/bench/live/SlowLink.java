package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A server, far away: whatever it sends arrives so much later. As on a long line, and not as on a
 * narrow one: what was sent together arrives together, and no connection waits for another.
 */
final class SlowLink implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket listener;
  private final Server server;
  private final long delayNanos;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private SlowLink(ServerSocket listener, Server server, long delayNanos) {
    this.listener = listener;
    this.server = server;
    this.delayNanos = delayNanos;
  }

  /** What was sent, and when it arrives; no bytes at all are the end. */
  private record Sent(ByteBuffer bytes, long arrival) {}

  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  static SlowLink to(Server server, int delayMillis) throws IOException {
    SlowLink link =
        new SlowLink(
            new ServerSocket(0, 200, InetAddress.getLoopbackAddress()),
            server,
            delayMillis * 1_000_000L);
    start("accepts", link::accept);
    return link;
  }

  String uri() {
    return "redis://127.0.0.1:" + listener.getLocalPort() + "/0";
  }

  /** How many connections there were. */
  int connections() {
    return sockets.size() / 2;
  }

  private static void start(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // An end was closed, and so the other is.
              }
            },
            "slow link: " + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket near = listener.accept();
      Socket far = new Socket(InetAddress.getLoopbackAddress(), server.port());
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      sockets.addAll(List.of(near, far));
      BlockingQueue<Sent> onTheirWay = new LinkedBlockingQueue<>();
      start("there", () -> pass(near, far));
      start("back", () -> send(far, onTheirWay));
      start("arrives", () -> arrive(onTheirWay, near, far));
    }
  }

  private static void pass(Socket near, Socket far) throws IOException {
    try (near;
        far) {
      near.getInputStream().transferTo(far.getOutputStream());
    }
  }

  private void send(Socket far, BlockingQueue<Sent> onTheirWay) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = far.getInputStream();
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        onTheirWay.add(
            new Sent(ByteBuffer.wrap(Arrays.copyOf(buffer, n)), System.nanoTime() + delayNanos));
      }
    } finally {
      onTheirWay.add(new Sent(ByteBuffer.allocate(0), System.nanoTime()));
    }
  }

  private static void arrive(BlockingQueue<Sent> onTheirWay, Socket near, Socket far)
      throws IOException, InterruptedException {
    try (near;
        far) {
      OutputStream out = near.getOutputStream();
      for (Sent next = onTheirWay.take(); next.bytes().hasRemaining(); next = onTheirWay.take()) {
        long left = next.arrival() - System.nanoTime();
        while (left > 0) {
          LockSupport.parkNanos(left);
          left = next.arrival() - System.nanoTime();
        }
        out.write(next.bytes().array());
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
