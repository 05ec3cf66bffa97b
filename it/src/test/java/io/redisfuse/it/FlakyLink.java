package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.backend.redis.Entrance;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A way to a server that fails now and then, at any moment of what is said on it: while it is
 * {@link #fail}ing, one in so many packets meets a fault. Which, a seed says.
 */
final class FlakyLink implements AutoCloseable {

  /** What goes wrong. */
  enum Fault {
    /** What was asked does not arrive, and the connection is lost. */
    LOST_BEFORE,
    /** What was asked arrives, and the connection is lost before the answer. */
    LOST_AFTER,
    /** The connection is lost within the answer. */
    HALF_REPLY,
    /** Something comes that is no answer, and the connection is lost. */
    GARBAGE,
    /** Nothing comes any more, and nobody says so. */
    BLACK_HOLE,
    /** The answer takes its time. */
    DELAY
  }

  private static final long DELAY_NANOS = 200_000_000;

  private final Entrance entrance;
  private final Map<Fault, AtomicInteger> happened = new EnumMap<>(Fault.class);

  /** Guarded by itself. */
  private final Random random;

  private volatile int oneIn;

  FlakyLink(int serverPort, long seed) {
    this.random = new Random(seed);
    for (Fault fault : Fault.values()) {
      happened.put(fault, new AtomicInteger());
    }
    this.entrance = Entrance.open(client -> carryBoth(client, serverPort));
  }

  String uri() {
    return entrance.uri();
  }

  /** From now on one in so many packets meets a fault; 0 for none. */
  void fail(int packets) {
    oneIn = packets;
  }

  /** How often what has happened. */
  Map<Fault, AtomicInteger> happened() {
    return happened;
  }

  @Override
  public void close() {
    entrance.close();
  }

  private void carryBoth(Socket client, int serverPort) throws IOException {
    Socket server = entrance.connect(serverPort);
    Entrance.start(() -> carryAnswers(client, server));
    carryQuestions(client, server);
  }

  private void carryQuestions(Socket client, Socket server) {
    carry(
        client,
        server,
        (packet, count, out) -> {
          if (draw(Fault.LOST_BEFORE)) {
            return false;
          }
          out.write(packet, 0, count);
          return true;
        });
  }

  private void carryAnswers(Socket client, Socket server) {
    boolean[] swallows = {false};
    carry(
        server,
        client,
        (packet, count, out) -> {
          if (draw(Fault.LOST_AFTER)) {
            return false;
          }
          if (draw(Fault.HALF_REPLY)) {
            out.write(packet, 0, count / 2);
            return false;
          }
          if (draw(Fault.GARBAGE)) {
            out.write("?what\r\n".getBytes(US_ASCII));
            return false;
          }
          swallows[0] |= draw(Fault.BLACK_HOLE);
          if (draw(Fault.DELAY)) {
            LockSupport.parkNanos(DELAY_NANOS);
          }
          if (!swallows[0]) {
            out.write(packet, 0, count);
          }
          return true;
        });
  }

  /** Hands on what came; false to end the connection. */
  private interface Carrier {
    boolean carry(byte[] packet, int count, OutputStream out) throws IOException;
  }

  private static void carry(Socket from, Socket to, Carrier carrier) {
    byte[] packet = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int count = in.read(packet);
      while (count >= 0 && carrier.carry(packet, count, out)) {
        count = in.read(packet);
      }
    } catch (IOException e) {
      // One side is gone.
    }
    Entrance.closeQuietly(from);
    Entrance.closeQuietly(to);
  }

  private boolean draw(Fault fault) {
    int most = oneIn * Fault.values().length;
    boolean drawn;
    synchronized (random) {
      drawn = most > 0 && random.nextInt(most) == 0;
    }
    if (drawn) {
      happened.get(fault).incrementAndGet();
    }
    return drawn;
  }
}
