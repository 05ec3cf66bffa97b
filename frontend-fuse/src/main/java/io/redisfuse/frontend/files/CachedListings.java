package io.redisfuse.frontend.files;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The directories whose listings the kernel may keep.
 *
 * <p>The kernel keeps a listing together with the modification time that the directory had before
 * it was listed, and looks at the start of each listing whether the time is still that. So a change
 * moves the time, and the kernel is told that it must ask for it again: after the index knows of
 * the change, so that who sees the new time lists what is new. What others change sets the time to
 * now. What this mount has changed, or knows to be shown otherwise, has set the time already, and
 * perhaps a program has set it to something else since ({@code tar}, {@code cp -a}): then it moves
 * by a microsecond, which is enough to be noticed, also by those who compare floating-point
 * seconds.
 *
 * <p>Safe for threads; its lock is held for a few map operations, and inside it only that of a node
 * is taken.
 */
final class CachedListings {

  private static final int MOST = 10_000;

  /** So many entries are remembered, at some 100 bytes each. */
  private static final int MOST_ENTRIES = 200_000;

  private static final Remembered NOTHING = new Remembered(Entries.NONE, -1);

  /** What this mount has changed is told by the backend, too, within such a time. */
  private static final Duration ECHO = Duration.ofSeconds(1);

  private static final int MOST_OWN = 1_000;

  /** A directory that was listed; guarded by the {@link CachedListings}. */
  static final class Listed {
    private final DirectoryNode directory;

    private Remembered remembered = NOTHING;

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

  /** The keys that this mount has changed, in this and the last stretch of {@link #ECHO}. */
  private Set<Bytes> own = new LinkedHashSet<>();

  private Set<Bytes> ownBefore = Set.of();
  private long ownSince;

  CachedListings(InstantSource clock) {
    this(clock, MOST);
  }

  /**
   * @param most of so many directories listings are kept
   */
  CachedListings(InstantSource clock, int most) {
    this.clock = clock;
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
    return isRemembered(listed) ? Optional.of(listed.remembered) : Optional.empty();
  }

  private static boolean isRemembered(Listed listed) {
    return listed.remembered.edition() == listed.directory.changes();
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

  /** This mount is changing a key, or has just done so. */
  synchronized void changesHere(Bytes key) {
    if (byStem.isEmpty()) {
      return;
    }
    long now = clock.instant().toEpochMilli();
    if (now - ownSince >= ECHO.toMillis() || own.size() >= MOST_OWN) {
      ownBefore = now - ownSince >= 2 * ECHO.toMillis() ? Set.of() : own;
      own = new LinkedHashSet<>();
      ownSince = now;
    }
    own.add(key);
  }

  /** Because of a change of a key the directory of a stem may have other entries. */
  synchronized void changed(Bytes stem, Bytes key) {
    Listed listed = byStem.get(stem);
    if (listed != null) {
      boolean isOwn = own.contains(key) || ownBefore.contains(key);
      change(listed, isOwn ? Cause.HERE : Cause.OTHERS);
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
   * A program has set the time of a directory: to what it was, perhaps, when the kernel took the
   * listing that it still has.
   */
  synchronized void timeWasSet(DirectoryNode directory) {
    Listed listed = byStem.get(directory.keyStem());
    if (listed != null && listed.directory == directory && !isRemembered(listed)) {
      directory.moveByChanges();
    }
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

  /** What is not followed any more the kernel must not rely on, either. */
  private void remove(Bytes stem) {
    change(byStem.remove(stem), Cause.HERE);
  }

  private void change(Listed listed, Cause cause) {
    remember(listed, NOTHING);
    boolean wasTold =
        switch (cause) {
          case HERE -> listed.directory.entriesNudged();
          case OTHERS -> listed.directory.entriesChanged(clock.instant());
        };
    if (wasTold) {
      cache.invalidateAttributes(listed.directory.id());
    }
  }
}
