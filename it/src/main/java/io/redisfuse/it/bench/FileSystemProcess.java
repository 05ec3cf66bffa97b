package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that serves a mount, from its start until it has gone. */
final class FileSystemProcess implements Stage.Part {

  /** How one knows that it can be used. */
  enum Readiness {
    /** It says so, as our daemon does. */
    SAYS_SO,
    /** Its mount is there. */
    IS_MOUNTED
  }

  private static final String READY = "redisfuse: ready at ";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_MILLIS = 5;
  private static final int LAST_LINES = 10;
  private static final int SECONDS_TO_END = 20;

  private final Process process;
  private final Path mountPoint;
  private final long started;

  /** Guarded by itself, which is notified at each line. */
  private final Deque<String> lines = new ArrayDeque<>();

  /** When it said that it is ready; 0 before. Guarded by lines. */
  private long saidReady;

  private FileSystemProcess(Process process, Path mountPoint, long started) {
    this.process = process;
    this.mountPoint = mountPoint;
    this.started = started;
  }

  /**
   * Starts {@code command}, followed by a new mount point of this name.
   *
   * @return when it can be used
   */
  static FileSystemProcess start(
      Stage stage,
      Path mountPoint,
      Readiness readiness,
      Map<String, String> environment,
      List<String> command)
      throws IOException, InterruptedException {
    Files.createDirectory(mountPoint);
    List<String> words = new ArrayList<>(command);
    words.add(mountPoint.toString());
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().putAll(environment);
    long started = System.nanoTime();
    Process process = builder.start();
    FileSystemProcess mounted = stage.add(new FileSystemProcess(process, mountPoint, started));
    process.getOutputStream().close();
    Thread listener = new Thread(mounted::listen, "output of " + mountPoint.getFileName());
    listener.setDaemon(true);
    listener.start();
    switch (readiness) {
      case SAYS_SO -> mounted.awaitWord();
      case IS_MOUNTED -> mounted.awaitMount();
    }
    return mounted;
  }

  private void listen() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        long now = System.nanoTime();
        synchronized (lines) {
          lines.add(line);
          if (lines.size() > LAST_LINES) {
            lines.remove();
          }
          if (line.startsWith(READY)) {
            saidReady = now;
          }
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      // It was ended.
    }
  }

  private void awaitWord() throws IOException, InterruptedException {
    synchronized (lines) {
      while (saidReady == 0) {
        requireHope();
        lines.wait(100);
      }
    }
  }

  private void awaitMount() throws IOException, InterruptedException {
    while (!isMounted()) {
      requireHope();
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void requireHope() throws IOException {
    if (!process.isAlive() || System.nanoTime() - started > PATIENCE_NANOS) {
      synchronized (lines) {
        throw new IOException(mountPoint + " does not get ready: " + String.join("; ", lines));
      }
    }
  }

  private boolean isMounted() throws IOException {
    String sought = " " + mountPoint.toRealPath() + " ";
    try (var mounts = Files.lines(Path.of("/proc/self/mountinfo"), UTF_8)) {
      return mounts.anyMatch(line -> line.contains(sought));
    }
  }

  Path mountPoint() {
    return mountPoint;
  }

  long pid() {
    return process.pid();
  }

  /** From its start until it said that it is ready. */
  double secondsToReady() {
    synchronized (lines) {
      return (saidReady - started) / 1e9;
    }
  }

  /** What the process was started with, or has become: all but the mount point. */
  List<String> command() throws IOException {
    String all = Files.readString(Path.of("/proc", String.valueOf(pid()), "cmdline"), UTF_8);
    List<String> words = List.of(all.split("\0", -1));
    // The last one ends with a NUL, too.
    return words.subList(0, words.size() - 2);
  }

  @Override
  public void close() {
    try {
      new ProcessBuilder("fusermount", "-uz", mountPoint.toString())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
      process.destroy();
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Files.deleteIfExists(mountPoint);
    } catch (IOException e) {
      process.destroyForcibly();
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
