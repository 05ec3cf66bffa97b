package io.redisfuse.frontend.files;

import java.util.Optional;

/**
 * What a handle of a directory stands for: a snapshot of its entries, taken when it is opened; and
 * anew when who has it begins again. What was listed before, and has not changed since, is not
 * listed again.
 *
 * <p>Safe for threads. Called with the names' lock held.
 */
final class OpenDirectory {

  /** What is larger takes the kernel more memory than it saves time. */
  private static final int MOST_CACHED = 50_000;

  private final DirectoryNode directory;
  private final Namespace namespace;
  private final CachedListings listings;

  /** Empty if nothing of it is to be kept. */
  private final Optional<CachedListings.Listed> listed;

  private final boolean isCached;
  private final boolean isKept;

  /** Guarded by this, like all below. */
  private EntryList entries;

  /** Whether somebody has begun to read them. */
  private boolean begun;

  /**
   * Opens a directory.
   *
   * @param isFollowed whether it would be told if others changed something in it
   */
  OpenDirectory(
      DirectoryNode directory,
      Namespace namespace,
      CachedListings listings,
      CachedNames names,
      boolean isFollowed) {
    this.directory = directory;
    this.namespace = namespace;
    this.listings = listings;
    this.listed = isFollowed ? listings.note(directory) : Optional.empty();
    this.entries = listed.flatMap(listings::remembered).map(this::again).orElseGet(this::take);
    int size = entries.size();
    // Else each name in it would be looked up alone by who wants to know more of it.
    boolean isKnown = names.known(directory.keyStem()) >= size - size / 4;
    this.isCached = listed.isPresent() && isKnown && size <= MOST_CACHED;
    this.isKept = isCached && listings.opened(listed.orElseThrow());
  }

  /**
   * Whether the kernel may give the entries to whoever lists the directory until it is told that
   * the directory has changed.
   */
  boolean isCached() {
    return isCached;
  }

  /** Whether those that it has are those of this moment. */
  boolean isKept() {
    return isKept;
  }

  void close() {
    if (isCached) {
      listings.closed(listed.orElseThrow());
    }
  }

  /**
   * The entries; those of this moment for who begins again, and for a kernel that may keep them:
   * the directory's time, with which it does so, is of this moment, too.
   */
  synchronized EntryList fromStart() {
    boolean isOutdated = isCached && directory.changes() != entries.edition();
    if (begun || isOutdated) {
      entries = take();
    }
    begun = true;
    if (isCached) {
      listings.gets(listed.orElseThrow(), entries.edition());
    }
    return entries;
  }

  /** The entries, as who reads on gets them. */
  synchronized EntryList entries() {
    return entries;
  }

  private EntryList again(CachedListings.Remembered remembered) {
    namespace.listed(directory, remembered.entries());
    return new EntryList(remembered.entries().list(), remembered.edition());
  }

  private EntryList take() {
    // In this order: what changes meanwhile may be in them, but is not relied on.
    long edition = directory.changes();
    Entries taken = namespace.list(directory);
    namespace.listed(directory, taken);
    listed.ifPresent(noted -> listings.remember(noted, taken, edition));
    return new EntryList(taken.list(), edition);
  }

  @Override
  public String toString() {
    return "the open directory " + directory;
  }
}
