package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A server that answers each command as the test says. */
final class FakeRedis implements AutoCloseable {

  private final Entrance entrance;

  /**
   * @param answers from the words of a command to its whole reply in RESP
   */
  FakeRedis(Function<List<String>, String> answers) {
    entrance = Entrance.open(client -> serve(client, answers));
  }

  String uri() {
    return entrance.uri();
  }

  private static void serve(Socket client, Function<List<String>, String> answers)
      throws IOException {
    InputStream in = new BufferedInputStream(client.getInputStream());
    while (true) {
      List<String> words = new ArrayList<>();
      for (int left = number(in); left > 0; left--) {
        words.add(new String(in.readNBytes(number(in)), ISO_8859_1));
        in.readNBytes(2);
      }
      client.getOutputStream().write(answers.apply(words).getBytes(ISO_8859_1));
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
    entrance.close();
  }
}
