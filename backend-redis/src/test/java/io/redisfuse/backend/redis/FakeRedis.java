package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A server that answers each command as the test says. */
final class FakeRedis implements AutoCloseable {

  private final ServerSocket entrance;
  private final Function<List<String>, String> answers;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  /**
   * @param answers from the words of a command to its whole reply in RESP
   */
  FakeRedis(Function<List<String>, String> answers) {
    this.answers = answers;
    try {
      entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::acceptAll);
  }

  String uri() {
    return "redis://127.0.0.1:" + entrance.getLocalPort();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "fake-redis");
    thread.setDaemon(true);
    thread.start();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = entrance.accept();
        clients.add(client);
        start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      while (true) {
        List<String> words = new ArrayList<>();
        for (int left = number(in); left > 0; left--) {
          words.add(new String(in.readNBytes(number(in)), ISO_8859_1));
          in.readNBytes(2);
        }
        client.getOutputStream().write(answers.apply(words).getBytes(ISO_8859_1));
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  /** The number in a line that starts with a sign. */
  private static int number(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      line.append((char) next);
    }
    return Integer.parseInt(line.substring(1).strip());
  }

  @Override
  public void close() {
    try {
      entrance.close();
      for (Socket client : clients) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
