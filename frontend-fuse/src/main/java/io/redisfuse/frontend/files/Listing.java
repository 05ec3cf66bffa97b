package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A listing of a directory, and how far somebody has got who looks at its files one after the
 * other.
 *
 * <p>Safe for threads.
 */
final class Listing {

  /** Who leaves out more than so many is not going through all of them. */
  private static final int WINDOW = 64;

  /** Programs look at a file several times before they go on; some work on a few at once. */
  private static final int LOOKBACK = 8;

  /** So many are asked about at once. */
  private static final int MOST = 1_000;

  private static final int GROWTH = 8;

  private final Bytes stem;

  /** Files whose names do not say what they stand for. */
  private final Map<Bytes, Found> shortened;

  /** Without directories, of which the backend is not asked. */
  private final List<DirectoryEntry> entries;

  /** Beyond the last one that was looked at. */
  private int position;

  /** How many to ask about next: few at first, for who wants to see a few. */
  private int step = 1;

  /** When it was last of use, in terms of {@link System#nanoTime}. */
  private long used;

  /**
   * @param entries in the order in which programs will look at them
   * @param shortened what stands behind names that do not say so
   */
  Listing(Bytes stem, List<DirectoryEntry> entries, Map<Bytes, Found> shortened, long now) {
    this.shortened = shortened;
    this.stem = stem;
    this.entries = entries.stream().filter(entry -> entry.kind() != FileKind.DIRECTORY).toList();
    this.used = now;
  }

  Bytes stem() {
    return stem;
  }

  /** What stood behind a shortened name. */
  Optional<Found> shortened(Bytes name) {
    return Optional.ofNullable(shortened.get(name));
  }

  synchronized boolean isUnusedSince(long before) {
    return used - before < 0;
  }

  /** Somebody looks at a file; whether he is going through this listing. */
  synchronized boolean pass(Bytes name, long now) {
    int end = Math.min(position + WINDOW, entries.size());
    for (int i = Math.max(0, position - LOOKBACK); i < end; i++) {
      if (entries.get(i).name().equals(name)) {
        position = Math.max(position, i + 1);
        used = now;
        return true;
      }
    }
    return false;
  }

  /** The files that will be looked at next, and that it is time to ask about. */
  synchronized List<DirectoryEntry> following() {
    int end = Math.min(position + step - 1, entries.size());
    step = Math.min(step * GROWTH, MOST);
    return entries.subList(position, end);
  }
}
