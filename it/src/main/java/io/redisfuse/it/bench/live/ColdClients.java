package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Many clients, each of which looks at files of a directory of its own that nobody has looked at
 * before: the size of one, then the content of the next.
 */
final class ColdClients {

  private static final String DIRECTORY = "cold";
  private static final String VALUE = "v".repeat(100);

  private static final int PATIENCE_SECONDS = 60;

  private final Path mountPoint;
  private final int clients;
  private final int filesOfEach;

  /** The next file of each client. */
  private final int[] next;

  private final List<Latencies> stats = new ArrayList<>();
  private final List<Latencies> reads = new ArrayList<>();
  private double seconds;
  private volatile boolean ended;

  ColdClients(Path mountPoint, int clients, int filesOfEach) {
    this.mountPoint = mountPoint;
    this.clients = clients;
    this.filesOfEach = filesOfEach;
    this.next = new int[clients];
    for (int i = 0; i < clients; i++) {
      stats.add(new Latencies());
      reads.add(new Latencies());
    }
  }

  static void fill(Jedis client, int clients, int filesOfEach) {
    try (Pipeline pipeline = client.pipelined()) {
      for (int i = 0; i < clients; i++) {
        for (int file = 0; file < filesOfEach; file++) {
          pipeline.set(DIRECTORY + ":c" + i + ":f" + file, VALUE);
        }
      }
    }
  }

  /** Something that is done while they work. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  void runBeside(Work work) throws IOException, InterruptedException {
    ended = false;
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long start = System.nanoTime();
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        all.add(threads.submit(client(i)));
      }
      work.run();
      ended = true;
      for (Future<Void> each : all) {
        each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      seconds += (System.nanoTime() - start) / 1e9;
    } catch (ExecutionException e) {
      throw new IOException("A client could not go on: " + e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("A client hangs in " + mountPoint, e);
    } finally {
      ended = true;
      threads.shutdown();
    }
  }

  private Callable<Void> client(int number) {
    Path directory = mountPoint.resolve(DIRECTORY).resolve("c" + number);
    return () -> {
      while (!ended) {
        long start = System.nanoTime();
        requireWhole(Files.size(nextFile(directory, number)));
        long between = System.nanoTime();
        stats.get(number).add(between - start);
        requireWhole(Files.readAllBytes(nextFile(directory, number)).length);
        reads.get(number).add(System.nanoTime() - between);
      }
      return null;
    };
  }

  private Path nextFile(Path directory, int number) throws IOException {
    int file = next[number]++;
    if (file == filesOfEach) {
      throw new IOException("There are not enough files that nobody has looked at.");
    }
    return directory.resolve("f" + file);
  }

  private static void requireWhole(long size) throws IOException {
    if (size != VALUE.length()) {
      throw new IOException("A cold file has " + size + " bytes instead of " + VALUE.length());
    }
  }

  /** Stats and reads of all, in a second. */
  double perSecond() {
    return (count(stats) + count(reads)) / seconds;
  }

  private static int count(List<Latencies> of) {
    return of.stream().mapToInt(Latencies::count).sum();
  }

  /** The median, over the clients, of each one's quantile of stats, in milliseconds. */
  double statMillisAt(double share) {
    return millisAt(stats, share);
  }

  double readMillisAt(double share) {
    return millisAt(reads, share);
  }

  private static double millisAt(List<Latencies> of, double share) {
    return Quantiles.median(of.stream().map(each -> each.microsAt(share) / 1e3).toList());
  }
}
