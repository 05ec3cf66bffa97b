package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** A way to a server that is lost at a moment of one's choice. */
final class CuttingProxy implements AutoCloseable {

  /** When the way is lost. */
  enum Moment {
    /** The server gets all but the EXEC. */
    BEFORE_EXEC,
    /** The server gets the EXEC and answers, and the answer is lost. */
    AFTER_EXEC
  }

  private record Plan(Moment moment, Runnable meanwhile) {}

  private static final String EXEC = "*1\r\n$4\r\nEXEC\r\n";

  private final int serverPort;
  private final ServerSocket entrance;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Plan> plan = new AtomicReference<>();
  private volatile boolean shut;

  CuttingProxy(RedisServer server) {
    serverPort = server.port();
    try {
      entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::acceptAll, "proxy-entrance");
  }

  String uri() {
    return "redis://127.0.0.1:" + entrance.getLocalPort();
  }

  /**
   * Cuts the connection of the next EXEC, once; {@code meanwhile} happens before the client knows.
   */
  void cutAt(Moment moment, Runnable meanwhile) {
    plan.set(new Plan(moment, meanwhile));
  }

  /** Cuts all connections and takes no new ones. */
  void shut() {
    shut = true;
    closeAll();
  }

  @Override
  public void close() {
    shut = true;
    try {
      entrance.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    closeAll();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = entrance.accept();
        if (shut) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        sockets.add(client);
        sockets.add(server);
        Link link = new Link(client, server);
        start(link::carryQuestions, "proxy-questions");
        start(link::carryAnswers, "proxy-answers");
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void closeAll() {
    sockets.forEach(CuttingProxy::closeQuietly);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no more use.
    }
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** One connection through the proxy. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile Plan cutting;

    private Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    private void carryQuestions() {
      StringBuilder recent = new StringBuilder();
      byte[] buffer = new byte[64 * 1024];
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          recent.append(new String(buffer, 0, count, US_ASCII));
          boolean exec = recent.toString().endsWith(EXEC);
          recent.delete(0, Math.max(0, recent.length() - EXEC.length()));
          Plan now = exec ? plan.getAndSet(null) : null;
          if (now != null && now.moment() == Moment.BEFORE_EXEC) {
            out.write(buffer, 0, Math.max(0, count - EXEC.length()));
            now.meanwhile().run();
            break;
          }
          cutting = now;
          out.write(buffer, 0, count);
        }
      } catch (IOException e) {
        // The other side is gone.
      }
      if (cutting == null) {
        cut();
      }
    }

    private void carryAnswers() {
      StringBuilder recent = new StringBuilder();
      byte[] buffer = new byte[64 * 1024];
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          if (cutting == null) {
            out.write(buffer, 0, count);
            continue;
          }
          recent.append(new String(buffer, 0, count, US_ASCII));
          // The answer to EXEC is a list, all before it are not.
          if (recent.indexOf("*") >= 0) {
            cutting.meanwhile().run();
            break;
          }
        }
      } catch (IOException e) {
        // The other side is gone.
      }
      cut();
    }

    private void cut() {
      closeQuietly(client);
      closeQuietly(server);
    }
  }
}
