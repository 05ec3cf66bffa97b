package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/**
 * What a Redis server executes from now on, as {@code MONITOR} tells: commands in the order in
 * which they took effect. Those of a transaction are told when EXEC executes them, so those of an
 * aborted one never are; those of a script beside the call of the script itself.
 */
final class Monitor {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Set<String> READS =
      Set.of(
          "CLIENT",
          "COMMAND",
          "CONFIG",
          "DIGEST",
          "ECHO",
          "EVAL",
          "EVALSHA",
          "EXEC",
          "EXISTS",
          "FUNCTION",
          "GET",
          "GETRANGE",
          "HELLO",
          "HEXISTS",
          "HGET",
          "HGETALL",
          "HKEYS",
          "HLEN",
          "HMGET",
          "HSCAN",
          "HSTRLEN",
          "INFO",
          "LRANGE",
          "MGET",
          "MONITOR",
          "MULTI",
          "OBJECT",
          "PING",
          "PTTL",
          "SCAN",
          "SCRIPT",
          "SELECT",
          "STRLEN",
          "TTL",
          "TYPE",
          "UNWATCH",
          "WAIT",
          "WAITAOF",
          "WATCH");

  private final Redis redis;
  private final List<Socket> sockets = new ArrayList<>();

  /** Guarded by itself. */
  private final List<Told> told = new ArrayList<>();

  private Monitor(Redis redis) {
    this.redis = redis;
  }

  /** A command, and when it was executed: of several servers that tells the order. */
  private record Told(String time, Command command) {}

  /**
   * A command that was executed.
   *
   * @param client whose it is: an address, or {@code lua}
   * @param words the command's name and its arguments; a character for each byte
   */
  record Command(String client, List<String> words) {

    /** In capitals. */
    String name() {
      return words.get(0).toUpperCase(Locale.ROOT);
    }

    /** Whether it may change a key by itself: a script's call does not, but its commands do. */
    boolean isWrite() {
      return !READS.contains(name());
    }

    /** Whether the arguments name a key, or hold a text, as they are. */
    boolean mentions(String word) {
      return words.subList(1, words.size()).contains(word);
    }

    /** Whether an argument holds a text somewhere. */
    boolean contains(String text) {
      return words.stream().anyMatch(word -> word.contains(text));
    }
  }

  /** Listens to a server, or to all of a cluster, until {@link #close}. */
  static Monitor of(Redis redis) {
    Monitor monitor = new Monitor(redis);
    try {
      for (int port : redis.ports()) {
        monitor.listenTo(port);
      }
      return monitor;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listenTo(int port) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    sockets.add(socket);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1), 1 << 16);
    socket.getOutputStream().write("MONITOR\r\n".getBytes(ISO_8859_1));
    String answer = lines.readLine();
    if (!"+OK".equals(answer)) {
      throw new IllegalStateException("MONITOR was answered by " + answer);
    }
    Thread listener = new Thread(() -> listen(lines), "monitor");
    listener.setDaemon(true);
    listener.start();
  }

  /** Everything that was executed between the beginning and now. */
  List<Command> commands() {
    String mark = UUID.randomUUID().toString();
    redis.withEach(client -> client.echo(mark));
    await("MONITOR has told of everything").atMost(PATIENCE).until(() -> hasSeen(mark));
    synchronized (told) {
      return told.stream().sorted(Comparator.comparing(Told::time)).map(Told::command).toList();
    }
  }

  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private boolean hasSeen(String mark) {
    synchronized (told) {
      return told.stream().filter(each -> each.command().mentions(mark)).count() == sockets.size();
    }
  }

  private void listen(BufferedReader lines) {
    try {
      String line;
      while ((line = lines.readLine()) != null) {
        Told next = new Told(line.substring(1, line.indexOf(' ')), parse(line));
        synchronized (told) {
          told.add(next);
        }
      }
    } catch (IOException e) {
      // Closed: whoever wants more than there is waits in vain, and says so.
      return;
    }
  }

  /** A line such as {@code +1700000000.123456 [0 127.0.0.1:1234] "SET" "key" "a\nb"}. */
  private static Command parse(String line) {
    int open = line.indexOf('[');
    int close = line.indexOf("] ", open);
    String client = line.substring(line.indexOf(' ', open) + 1, close);
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean within = false;
    for (int i = close + 2; i < line.length(); i++) {
      char c = line.charAt(i);
      if (!within) {
        within = c == '"';
      } else if (c == '"') {
        words.add(word.toString());
        word.setLength(0);
        within = false;
      } else if (c != '\\') {
        word.append(c);
      } else if (line.charAt(i + 1) == 'x') {
        word.append((char) Integer.parseInt(line.substring(i + 2, i + 4), 16));
        i += 3;
      } else {
        i++;
        word.append(unescaped(line.charAt(i)));
      }
    }
    return new Command(client, List.copyOf(words));
  }

  private static char unescaped(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'a' -> '\u0007';
      case 'b' -> '\b';
      default -> c;
    };
  }
}
