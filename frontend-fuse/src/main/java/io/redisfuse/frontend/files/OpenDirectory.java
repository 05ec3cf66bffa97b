package io.redisfuse.frontend.files;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a handle of a directory stands for: a snapshot of its entries, taken when it is opened or,
 * if the kernel probably has them, when they are asked for; and anew whenever who has it begins
 * again.
 *
 * <p>Safe for threads. Called with the names' lock held.
 */
final class OpenDirectory {

  /** What is larger takes the kernel more memory than it saves time. */
  private static final int MOST_CACHED = 50_000;

  private final DirectoryNode directory;
  private final Supplier<List<DirectoryEntry>> list;
  private final CachedListings listings;

  /** Empty if nothing of it is to be kept. */
  private final Optional<CachedListings.Listed> listed;

  private final boolean isCached;

  /** Null until they are asked for; guarded by this, like all below. */
  private List<DirectoryEntry> entries;

  /** How often something had changed when they were listed. */
  private long changes;

  /** Whether somebody has begun to read them. */
  private boolean begun;

  /**
   * Opens a directory.
   *
   * @param isFollowed whether it would be told if others changed something in it
   */
  OpenDirectory(
      DirectoryNode directory,
      Supplier<List<DirectoryEntry>> list,
      CachedListings listings,
      CachedNames names,
      boolean isFollowed) {
    this.directory = directory;
    this.list = list;
    this.listings = listings;
    this.listed = isFollowed ? listings.note(directory) : Optional.empty();
    int size = listed.map(listings::complete).orElse(-1);
    if (size < 0) {
      size = take().size();
    }
    // Else each name in it would be looked up alone by who wants to know more of it.
    boolean isKnown = names.known(directory.keyStem()) >= size - size / 4;
    this.isCached = listed.isPresent() && isKnown && size <= MOST_CACHED;
    if (!isCached) {
      listed.ifPresent(listings::dropped);
      entries();
    }
  }

  /**
   * Whether the kernel may give the entries to whoever lists the directory until it is told that
   * the directory has changed, and need not drop those that it has.
   */
  boolean isCached() {
    return isCached;
  }

  /** The entries; those of this moment for who begins again. */
  synchronized List<DirectoryEntry> fromStart() {
    if (begun) {
      take();
    }
    begun = true;
    return entries();
  }

  /** The entries, as who reads on gets them. */
  synchronized List<DirectoryEntry> entries() {
    return entries == null ? take() : entries;
  }

  /** Somebody has read them to the end. */
  synchronized void ended() {
    if (isCached && entries != null) {
      listings.completed(listed.orElseThrow(), changes, entries.size());
    }
  }

  private synchronized List<DirectoryEntry> take() {
    // In this order: what changes meanwhile may be in them, but is not relied on.
    long before = listed.map(listings::changes).orElse(0L);
    List<DirectoryEntry> taken = list.get();
    changes = before;
    entries = taken;
    return taken;
  }

  @Override
  public String toString() {
    return "the open directory " + directory;
  }
}
