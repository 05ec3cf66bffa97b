package io.redisfuse.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's caches, which only root can drop.
 *
 * <p>Both kinds are dropped, pages first: an inode that has pages keeps its place otherwise, and
 * its pages with it.
 */
final class KernelCaches {

  private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");
  private static final String PAGES_THEN_NAMES = "3";

  private KernelCaches() {}

  static boolean canBeDropped() {
    return Files.isWritable(DROP);
  }

  static void drop() throws IOException {
    Files.writeString(DROP, PAGES_THEN_NAMES);
  }
}
