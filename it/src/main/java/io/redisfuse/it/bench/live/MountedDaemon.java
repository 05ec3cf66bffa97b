package io.redisfuse.it.bench.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A daemon process with its mount, as {@code ./redisfuse-daemon} starts it. */
final class MountedDaemon implements AutoCloseable {

  /** What it prints when names can be used. */
  private static final Pattern READY = Pattern.compile("redisfuse: ready at ");

  /** What it prints or logs when it knows all keys. */
  private static final Pattern COMPLETE =
      Pattern.compile("Indexed [0-9,.]+ keys in |[0-9,.]+ keys indexed in ");

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final Path mountPoint;
  private final long started;
  private final Thread lastResort = new Thread(this::detach, "end of the daemon");

  /** Guarded by itself, which is notified at each line. */
  private final List<Line> lines = new ArrayList<>();

  private record Line(long nanos, String text) {}

  private MountedDaemon(Process process, Path mountPoint, long started) {
    this.process = process;
    this.mountPoint = mountPoint;
    this.started = started;
  }

  static MountedDaemon start(Path launcher, Path directory, Server server) throws IOException {
    return start(launcher, directory, server.uri());
  }

  static MountedDaemon start(Path launcher, Path directory, String uri) throws IOException {
    Path mountPoint = Files.createTempDirectory(directory, "live");
    long started = System.nanoTime();
    Process process =
        new ProcessBuilder(launcher.toString(), "--uri", uri, mountPoint.toString()).start();
    process.getOutputStream().close();
    MountedDaemon daemon = new MountedDaemon(process, mountPoint, started);
    Runtime.getRuntime().addShutdownHook(daemon.lastResort);
    daemon.listen(process.getInputStream());
    daemon.listen(process.getErrorStream());
    return daemon;
  }

  private void listen(InputStream stream) {
    Thread listener =
        new Thread(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                  heard(new Line(System.nanoTime(), text));
                }
              } catch (IOException e) {
                heard(new Line(System.nanoTime(), "its output is lost: " + e));
              }
            },
            "output of the daemon");
    listener.setDaemon(true);
    listener.start();
  }

  private void heard(Line line) {
    synchronized (lines) {
      lines.add(line);
      lines.notifyAll();
    }
  }

  Path mountPoint() {
    return mountPoint;
  }

  /** Waits until it is usable; returns the seconds since its start. */
  double awaitReady() throws InterruptedException {
    return await(READY);
  }

  /** Waits until it knows all keys; returns the seconds since its start. */
  double awaitComplete() throws InterruptedException {
    return await(COMPLETE);
  }

  private double await(Pattern sought) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lines) {
      for (int seen = 0; ; seen++) {
        while (seen == lines.size()) {
          long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (left <= 0 || !process.isAlive()) {
            throw new IllegalStateException("The daemon does not say " + sought + ": " + lines);
          }
          lines.wait(Math.min(left, 100));
        }
        Line line = lines.get(seen);
        if (sought.matcher(line.text()).find()) {
          return (line.nanos() - started) / 1e9;
        }
      }
    }
  }

  /** The processor time that it has used, in seconds. */
  double processorSeconds() {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
      // After the name, which may hold anything: state is the first, utime and stime 12th and 13th.
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(words[11]) + Long.parseLong(words[12])) / TICKS_PER_SECOND;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of all its objects that are alive, after full collections. */
  long liveBytes() throws IOException, InterruptedException {
    diagnose("GC.run");
    // Without -all it collects once more.
    List<String> histogram = diagnose("GC.class_histogram").lines().toList();
    String[] total = histogram.get(histogram.size() - 1).strip().split("\\s+", -1);
    if (!total[0].equals("Total")) {
      throw new IOException("No total in the histogram: " + String.join(" ", total));
    }
    return Long.parseLong(total[2]);
  }

  private String diagnose(String command) throws IOException, InterruptedException {
    String pid = String.valueOf(process.pid());
    Path java = Path.of("/proc", pid, "exe").toRealPath();
    return Script.run(
            mountPoint.getParent(), java.resolveSibling("jcmd") + " " + pid + " " + command)
        .out();
  }

  @Override
  public void close() {
    detach();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook runs.
    }
  }

  private void detach() {
    try {
      new ProcessBuilder("fusermount", "-uz", mountPoint.toString())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(20, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroy();
  }
}
