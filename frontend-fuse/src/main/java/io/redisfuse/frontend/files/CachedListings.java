package io.redisfuse.frontend.files;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The directories whose listings the kernel may keep.
 *
 * <p>The kernel keeps a listing together with the modification time that the directory had before
 * it was listed, and looks at the start of each listing whether the time is still that. So what
 * others change moves the time, and the kernel is told that it must ask for it again: after the
 * index knows of the change, so that who sees the new time lists what is new. Changes of this mount
 * are noticed by the kernel itself, and a program may have set the time to something else since
 * ({@code tar}, {@code cp -a}): what the backend tells of them leaves the time alone. In any case
 * the kernel drops what it has when the directory is opened next, unless that is known to be of the
 * present edition.
 *
 * <p>Safe for threads; its lock is held for a few map operations, and inside it only that of a node
 * is taken.
 */
final class CachedListings {

  private static final int MOST = 10_000;

  /** So many entries are remembered, at some 100 bytes each. */
  private static final int MOST_ENTRIES = 200_000;

  private static final Remembered NOTHING = new Remembered(Entries.NONE, -1);

  /** A directory that was listed; guarded by the {@link CachedListings}. */
  static final class Listed {
    private final DirectoryNode directory;

    private Remembered remembered = NOTHING;

    /** Of which edition the listing was that the kernel got last. */
    private long kernels = -1;

    /** How many handles are open through which the kernel keeps what it gets. */
    private int open;

    /** Whether it may have got listings of several editions at the same time. */
    private boolean mixed;

    private Listed(DirectoryNode directory) {
      this.directory = directory;
    }
  }

  private final InstantSource clock;
  private final int most;
  private volatile KernelCache cache;

  /** By stem, the oldest first; guarded by this, like all below. */
  private final Map<Bytes, Listed> byStem = new LinkedHashMap<>();

  /** How many entries are remembered. */
  private int size;

  private final OwnChanges own;

  CachedListings(InstantSource clock) {
    this(clock, MOST);
  }

  /**
   * @param most of so many directories listings are kept
   */
  CachedListings(InstantSource clock, int most) {
    this.clock = clock;
    this.own = new OwnChanges(clock);
    this.most = most;
  }

  /** From now on listings may be kept. */
  void tell(KernelCache who) {
    cache = requireNonNull(who);
  }

  /** A directory is about to be listed. Empty if its listing cannot be kept. */
  synchronized Optional<Listed> note(DirectoryNode directory) {
    if (cache == null) {
      return Optional.empty();
    }
    Bytes stem = directory.keyStem();
    Listed listed = byStem.get(stem);
    if (listed != null && listed.directory == directory) {
      return Optional.of(listed);
    }
    if (listed != null) {
      // It was made again under its name.
      remove(stem);
    } else if (byStem.size() >= most) {
      remove(byStem.keySet().iterator().next());
    }
    Listed noted = new Listed(directory);
    byStem.put(stem, noted);
    return Optional.of(noted);
  }

  /** What is in a directory, if that is remembered and nothing has changed since. */
  synchronized Optional<Remembered> remembered(Listed listed) {
    return Optional.of(listed.remembered)
        .filter(known -> known.edition() == listed.directory.changes());
  }

  /**
   * Remembers what is in a directory, for who opens it next.
   *
   * @param edition how often it had changed before it was listed
   */
  synchronized void remember(Listed listed, Entries entries, long edition) {
    if (entries.list().size() > MOST_ENTRIES || byStem.get(listed.directory.keyStem()) != listed) {
      return;
    }
    remember(listed, new Remembered(entries, edition));
    Iterator<Listed> oldest = byStem.values().iterator();
    while (size > MOST_ENTRIES) {
      Listed next = oldest.next();
      if (next != listed) {
        remember(next, NOTHING);
      }
    }
  }

  private void remember(Listed listed, Remembered next) {
    size += next.entries().list().size() - listed.remembered.entries().list().size();
    listed.remembered = next;
  }

  /**
   * What was in a directory.
   *
   * @param edition how often it had changed before
   */
  record Remembered(Entries entries, long edition) {}

  /** This mount is about to change a key, or has just done so. */
  synchronized void changesHere(Bytes key) {
    if (!byStem.isEmpty()) {
      own.changes(key);
    }
  }

  /** Because of a change of a key the directory of a stem may have other entries. */
  synchronized void changed(Bytes stem, Bytes key) {
    if (byStem.isEmpty()) {
      return;
    }
    Cause cause = own.include(key) ? Cause.HERE : Cause.OTHERS;
    Listed listed = byStem.get(stem);
    if (listed != null) {
      change(listed, cause);
    }
  }

  /** Something is listed otherwise in a directory, by what this mount has done. */
  synchronized void changedHere(Bytes stem) {
    Listed listed = byStem.get(stem);
    if (listed != null) {
      change(listed, Cause.HERE);
    }
  }

  /** Anything may have changed. */
  synchronized void reset() {
    byStem.values().forEach(listed -> change(listed, Cause.HERE));
  }

  /**
   * A directory is opened, and the kernel keeps what it gets through the handle.
   *
   * @return whether what the kernel has is what is in the directory now
   */
  synchronized boolean opened(Listed listed) {
    if (listed.open == 0 && listed.mixed) {
      listed.mixed = false;
      listed.kernels = -1;
    }
    listed.open++;
    return !listed.mixed && listed.kernels == listed.directory.changes();
  }

  /** The kernel gets a listing through such a handle. */
  synchronized void gets(Listed listed, long edition) {
    listed.mixed |= listed.open > 1 && listed.kernels != edition;
    listed.kernels = edition;
  }

  /** Such a handle is closed. */
  synchronized void closed(Listed listed) {
    listed.open--;
  }

  /** The kernel knows a directory no more. */
  synchronized void forgotten(DirectoryNode directory) {
    Bytes stem = directory.keyStem();
    Listed listed = byStem.get(stem);
    if (listed != null && listed.directory == directory) {
      remove(stem);
    }
  }

  /** Directories got other stems. */
  synchronized void moved(Bytes from, Bytes to) {
    for (Bytes stem : List.copyOf(byStem.keySet())) {
      if (stem.startsWith(from) || stem.startsWith(to)) {
        remove(stem);
      }
    }
  }

  /** Of how many directories listings are kept. */
  synchronized int size() {
    return byStem.size();
  }

  private enum Cause {
    HERE,
    OTHERS
  }

  private void remove(Bytes stem) {
    change(byStem.remove(stem), Cause.HERE);
  }

  private void change(Listed listed, Cause cause) {
    remember(listed, NOTHING);
    switch (cause) {
      case HERE -> listed.directory.changed();
      case OTHERS -> {
        if (listed.directory.entriesChanged(clock.instant())) {
          cache.invalidateAttributes(listed.directory.id());
        }
      }
    }
  }
}
