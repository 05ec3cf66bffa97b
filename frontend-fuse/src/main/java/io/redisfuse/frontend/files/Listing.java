package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.List;

/**
 * A listing of a directory, and how far somebody has got who looks at its files one after the
 * other.
 *
 * <p>Safe for threads.
 */
final class Listing {

  /** Who leaves out more than so many is not going through all of them. */
  private static final int WINDOW = 64;

  /** So many are asked about at once. */
  private static final int MOST = 1_000;

  private static final int GROWTH = 8;

  private final Bytes stem;

  /** Without directories, of which the backend is not asked. */
  private final List<DirectoryEntry> entries;

  /** The first that was not asked about. */
  private int next;

  /** How many to ask about next: few at first, for who wants to see a few. */
  private int step = 1;

  /** When it was last of use, in terms of {@link System#nanoTime}. */
  private long used;

  /**
   * @param entries in the order in which programs will look at them
   */
  Listing(Bytes stem, List<DirectoryEntry> entries, long now) {
    this.stem = stem;
    this.entries = entries.stream().filter(entry -> entry.kind() != FileKind.DIRECTORY).toList();
    this.used = now;
  }

  Bytes stem() {
    return stem;
  }

  synchronized boolean isUnusedSince(long before) {
    return used - before < 0;
  }

  /**
   * Somebody looks at a file of the directory.
   *
   * @return the files that he will look at next; none if he is not known to go through all
   */
  synchronized List<DirectoryEntry> after(Bytes name, long now) {
    int end = Math.min(next + WINDOW, entries.size());
    for (int i = next; i < end; i++) {
      if (entries.get(i).name().equals(name)) {
        int from = i + 1;
        next = Math.min(from + step - 1, entries.size());
        step = Math.min(step * GROWTH, MOST);
        used = now;
        return entries.subList(from, Math.max(from, next));
      }
    }
    return List.of();
  }
}
