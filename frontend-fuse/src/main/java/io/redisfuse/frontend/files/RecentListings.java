package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  void add(Bytes stem, List<DirectoryEntry> entries, Map<Bytes, Found> shortened) {
    synchronized (listings) {
      if (listings.size() == MOST) {
        listings.removeLast();
      }
      listings.addFirst(new Listing(stem, entries, shortened, nanoTime.getAsLong()));
    }
  }

  /** What stood behind a shortened name when the directory was listed. */
  Optional<Found> shortened(Bytes stem, Bytes name) {
    synchronized (listings) {
      return listings.stream()
          .filter(listing -> listing.stem().equals(stem))
          .flatMap(listing -> listing.shortened(name).stream())
          .findFirst();
    }
  }

  /** Somebody looks at a file: the listing that he is going through, if he is. */
  Optional<Listing> pass(Bytes stem, Bytes name) {
    long now = nanoTime.getAsLong();
    synchronized (listings) {
      return listings.stream()
          .filter(listing -> listing.stem().equals(stem))
          .filter(listing -> listing.pass(name, now))
          .findFirst();
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
