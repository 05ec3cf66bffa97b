package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A keyspace that is mounted by a {@link Daemon} of its own. */
final class Mount {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path path;
  private final Daemon daemon;
  private boolean errorsExpected;

  Mount(Path path, Daemon daemon) {
    this.path = path;
    this.daemon = daemon;
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  Daemon daemon() {
    return daemon;
  }

  /** The test makes the daemon log errors: they are no failure of the test. */
  Mount expectingErrors() {
    errorsExpected = true;
    return this;
  }

  /** Unmounts as a user does, and waits until the daemon has left with success. */
  void unmount() {
    assertThat(fusermount("-u", path)).withFailMessage("fusermount -u: %s", daemon).isZero();
    requireCleanEnd();
  }

  /** The daemon ends by itself, with success, and the mount is gone. */
  void requireCleanEnd() {
    int status = daemon.awaitEnd();
    assertThat(status).withFailMessage("The daemon failed: %s", daemon).isZero();
    assertThat(isMounted(path)).withFailMessage("Still mounted: %s", daemon).isFalse();
    requireNoErrors();
  }

  /** Ends the daemon and the mount by whatever it takes, then complains about what it took. */
  void close() {
    try {
      if (daemon.isAlive()) {
        if (isMounted(path)) {
          // Programs of a failed test may still be in there.
          if (fusermount("-u", path) != 0) {
            daemon.terminate();
          }
        } else {
          daemon.terminate();
        }
        daemon.awaitEnd();
      }
    } finally {
      if (daemon.isAlive()) {
        daemon.kill();
      }
      detach(path);
    }
    requireNoErrors();
  }

  private void requireNoErrors() {
    if (!errorsExpected) {
      assertThat(daemon.err())
          .withFailMessage("The daemon logged errors: %s", daemon)
          .doesNotContain("ERROR")
          .doesNotContain("Exception");
    }
  }

  /** Removes whatever is mounted on {@code path}, dead or alive. */
  static void detach(Path path) {
    for (int tries = 0; isMounted(path) && tries < 3; tries++) {
      fusermount("-uz", path);
    }
    await("nothing is mounted on " + path).atMost(PATIENCE).until(() -> !isMounted(path));
  }

  static boolean isMounted(Path path) {
    return mountPoints().contains(path.toString());
  }

  /** Reads the kernel's list, which touches no mount. */
  static List<String> mountPoints() {
    try {
      return Files.readAllLines(Path.of("/proc/self/mounts"), ISO_8859_1).stream()
          .map(line -> line.split(" ", -1)[1].replace("\\040", " "))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int fusermount(String option, Path path) {
    return Commands.run("fusermount", option, path.toString());
  }
}
