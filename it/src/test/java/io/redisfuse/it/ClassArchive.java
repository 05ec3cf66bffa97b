package io.redisfuse.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The classes of the daemon as the JVM can take them over at once (class data sharing), since tests
 * start hundreds: made by the first one that ends, for those that start later.
 */
final class ClassArchive {

  private static final Path FILE = Path.of("target", "daemon.jsa").toAbsolutePath();
  private static final Path MADE = Path.of("target", "daemon.jsa.new").toAbsolutePath();

  /** One that has mounted something and served it makes half as much again. */
  private static final long LEAST_BYTES = 6_000_000;

  private static final AtomicBoolean begun = new AtomicBoolean();

  static {
    try {
      // It may be of another jar.
      Files.deleteIfExists(FILE);
      Files.deleteIfExists(MADE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ClassArchive() {}

  /** The JVM's options for using it, if it is there. */
  static List<String> use() {
    return Files.exists(FILE)
        ? List.of("-XX:SharedArchiveFile=" + FILE, "-Xlog:disable")
        : List.of();
  }

  /** Whether it is to be made: not if it is there, or somebody is at it; says so once. */
  static boolean isToBeMade() {
    return !Files.exists(FILE) && begun.compareAndSet(false, true);
  }

  /** The JVM's options for making it. */
  static List<String> make() {
    return List.of("-XX:ArchiveClassesAtExit=" + MADE, "-Xlog:disable");
  }

  /** Who was to make it has ended, and so it is whole, or not there. */
  static void made() {
    try {
      if (Files.exists(MADE) && Files.size(MADE) >= LEAST_BYTES) {
        Files.move(MADE, FILE);
      } else {
        // It was killed, or never mounted anything: another one shall.
        Files.deleteIfExists(MADE);
        begun.set(false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
