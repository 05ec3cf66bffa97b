package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;

/** Looks again and again at a few files, which it has looked at before. */
final class WarmClient {

  private static final String DIRECTORY = "warm";
  private static final int FILES = 100;
  private static final String VALUE = "v".repeat(100);

  private final Path[] files;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
  private final Latencies stats = new Latencies();
  private final Latencies reads = new Latencies();
  private double seconds;

  WarmClient(Path mountPoint) {
    files =
        IntStream.range(0, FILES)
            .mapToObj(i -> mountPoint.resolve(DIRECTORY).resolve("f" + i))
            .toArray(Path[]::new);
  }

  static void fill(Jedis client) {
    for (int i = 0; i < FILES; i++) {
      client.set(DIRECTORY + ":f" + i, VALUE);
    }
  }

  /** Looks at each file, so that it has been looked at before, and goes on for so long. */
  void warm(double forSeconds) throws IOException {
    for (int times = 0; times < 2; times++) {
      for (Path file : files) {
        requireWhole(Files.size(file), file);
        read(file);
      }
    }
    run(forSeconds);
  }

  /** Goes on for so long: a stat and an open, read and close in turn. */
  void run(double forSeconds) throws IOException {
    long start = System.nanoTime();
    long end = start + (long) (forSeconds * 1e9);
    long now = start;
    for (int i = 0; now < end; i = (i + 1) % FILES) {
      requireWhole(Files.size(files[i]), files[i]);
      long between = System.nanoTime();
      stats.add(between - now);
      read(files[i]);
      now = System.nanoTime();
      reads.add(now - between);
    }
    seconds += (now - start) / 1e9;
  }

  private void read(Path file) throws IOException {
    buffer.clear();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireWhole(channel.read(buffer), file);
    }
  }

  private static void requireWhole(long size, Path file) throws IOException {
    if (size != VALUE.length()) {
      throw new IOException(file + " has " + size + " bytes instead of " + VALUE.length());
    }
  }

  Latencies stats() {
    return stats;
  }

  Latencies reads() {
    return reads;
  }

  /** Pairs of a stat and a read, in a second. */
  double perSecond() {
    return reads.count() / seconds;
  }
}
