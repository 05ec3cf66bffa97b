package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The listings that were made a moment ago: who lists a directory often looks at all of it next, in
 * the order of the listing.
 *
 * <p>Safe for threads.
 */
final class RecentListings {

  private static final int MOST = 16;
  private static final long LIFETIME_NANOS = Duration.ofSeconds(5).toNanos();

  private final LongSupplier nanoTime;

  /** The newest first; guarded by itself. */
  private final Deque<Listing> listings = new ArrayDeque<>();

  RecentListings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void add(Bytes stem, List<DirectoryEntry> entries) {
    synchronized (listings) {
      if (listings.size() == MOST) {
        listings.removeLast();
      }
      listings.addFirst(new Listing(stem, entries, nanoTime.getAsLong()));
    }
  }

  /** What will be looked at after this file, as far as that is to be foreseen. */
  List<DirectoryEntry> after(Bytes stem, Bytes name) {
    synchronized (listings) {
      for (Listing listing : listings) {
        if (listing.stem().equals(stem)) {
          List<DirectoryEntry> following = listing.after(name, nanoTime.getAsLong());
          if (!following.isEmpty()) {
            return following;
          }
        }
      }
      return List.of();
    }
  }

  /** Lets go of those that nobody goes through any more. */
  void sweep() {
    long before = nanoTime.getAsLong() - LIFETIME_NANOS;
    synchronized (listings) {
      listings.removeIf(listing -> listing.isUnusedSince(before));
    }
  }
}
