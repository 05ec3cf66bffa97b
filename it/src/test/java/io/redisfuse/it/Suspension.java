package io.redisfuse.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A daemon stands still, so that whatever is answered meanwhile is answered by the kernel alone.
 * Only a {@link Witness} may look, with its bound: this process would stand still as well.
 */
final class Suspension {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Suspension() {}

  /** Does something while a daemon stands still. */
  static <T> T during(Daemon daemon, Supplier<T> action) {
    daemon.signal("STOP");
    try {
      await("the daemon stands still").atMost(PATIENCE).until(() -> isStopped(daemon.pid()));
      return action.get();
    } finally {
      daemon.signal("CONT");
    }
  }

  private static boolean isStopped(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      // After the name, which may hold anything.
      return stat.startsWith("T", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
