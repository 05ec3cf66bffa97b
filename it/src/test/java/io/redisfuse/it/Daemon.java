package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of the daemon's jar, mounted or not. */
final class Daemon {

  /** The jar under test, which the build makes. */
  static final Path JAR = Path.of(System.getProperty("redisfuse.daemon.jar"));

  private static final String READY = "redisfuse: ready at ";
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration END = Duration.ofSeconds(45);

  private final Process process;
  private final Path out;
  private final Path err;

  private Daemon(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts the daemon.
   *
   * @param runner a command that runs the daemon, as another user, perhaps; empty for none
   * @param jar the daemon's jar, or a copy of it
   * @param home where its output goes and its own files are
   * @param environment beyond that of {@link Shell#environment}
   */
  static Daemon start(
      List<String> runner,
      Path jar,
      Path home,
      Map<String, String> environment,
      List<String> arguments) {
    List<String> command = new ArrayList<>(runner);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    boolean isJar = jar.equals(JAR);
    boolean makesArchive = isJar && runner.isEmpty() && ClassArchive.isToBeMade();
    if (isJar) {
      command.addAll(makesArchive ? ClassArchive.make() : ClassArchive.use());
    }
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(arguments);
    try {
      Path out = Files.createTempFile(home, "daemon-", ".out");
      Path err = Files.createTempFile(home, "daemon-", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(home.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().remove("REDISFUSE_URI");
      builder.environment().remove("REDISFUSE_PASSWORD");
      builder.environment().putAll(Shell.environment(home));
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (makesArchive) {
        process.onExit().thenRun(ClassArchive::made);
      }
      return new Daemon(process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it says that the mount is usable. */
  Daemon awaitReady() {
    await("the daemon is ready")
        .atMost(START)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> out().contains(READY) || !process.isAlive());
    assertThat(process.isAlive()).withFailMessage("The daemon has ended: %s", this).isTrue();
    return this;
  }

  /** Waits until it has ended by itself; returns its exit status. */
  int awaitEnd() {
    try {
      assertThat(process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS))
          .withFailMessage(() -> "The daemon does not end: " + this)
          .isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the daemon ends", e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Sends the signal of this name. */
  void signal(String name) {
    assertThat(Commands.run("kill", "-" + name, String.valueOf(process.pid()))).isZero();
  }

  /** SIGKILL, and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** What it has printed so far. */
  String out() {
    return read(out);
  }

  /** What it has logged so far. */
  String err() {
    return read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "daemon "
        + process.pid()
        + (process.isAlive() ? ", running" : ", ended with status " + process.exitValue())
        + "\n--- out\n"
        + out()
        + "--- err\n"
        + err()
        + "---";
  }
}
