package io.redisfuse.backend.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port of this machine, at which clients of Redis are received; each by a thread of its own. */
public final class Entrance implements AutoCloseable {

  /** Does something with a client that has come. */
  @FunctionalInterface
  public interface Reception {
    void receive(Socket client) throws IOException;
  }

  private final ServerSocket entrance;
  private final Reception reception;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private Entrance(ServerSocket entrance, Reception reception) {
    this.entrance = entrance;
    this.reception = reception;
  }

  /** Opens one, at a free port. */
  public static Entrance open(Reception reception) {
    try {
      ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Entrance entrance = new Entrance(socket, reception);
      start(entrance::acceptAll);
      return entrance;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address, without a database. */
  public String uri() {
    return "redis://127.0.0.1:" + entrance.getLocalPort();
  }

  /** A connection to a server of this machine, which is closed with the entrance. */
  public Socket connect(int port) throws IOException {
    Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
    server.setTcpNoDelay(true);
    sockets.add(server);
    return server;
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = entrance.accept();
        client.setTcpNoDelay(true);
        sockets.add(client);
        start(() -> receive(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void receive(Socket client) {
    try (client) {
      reception.receive(client);
    } catch (IOException e) {
      // One side is gone.
    }
  }

  /** Has something done in the background. */
  public static void start(Runnable work) {
    Thread thread = new Thread(work, "entrance");
    thread.setDaemon(true);
    thread.start();
  }

  /** Nobody is received any more, and who was is turned out. */
  @Override
  public void close() {
    closeQuietly(entrance);
    sockets.forEach(Entrance::closeQuietly);
  }

  /** Closes what is of no more use. */
  public static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It is of no more use.
    }
  }
}
