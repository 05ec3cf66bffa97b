package io.redisfuse.frontend.files.locks;

import java.util.Optional;

/**
 * The locks of files, as {@code fcntl(2)} and {@code flock(2)} say. They are advisory: nothing else
 * looks at them.
 *
 * <p>An owner's locks never exclude each other: a new one takes the place of what it overlaps, be
 * that stronger or weaker. Whoever waits gets his lock in the order of arrival, as far as those who
 * hold locks let him; he holds no thread. Who comes later may be served before, if nobody who holds
 * a lock is in his way.
 *
 * <p>Safe for threads. Without a lock of a file, what concerns it costs a look into a table.
 *
 * <p>Guarantees nothing beyond what an implementation says of other mounts: {@link LocalLocks} are
 * of one mount.
 */
public interface FileLocks {

  /** A lock of somebody else, held now, that keeps the owner from this one. */
  Optional<Lock> obstacle(long node, Lock wanted);

  /** Takes a lock if that is possible now; if not, everything stays as it is. */
  boolean take(long node, Lock wanted);

  /**
   * Takes a lock as soon as that is possible. Who waits to change the type of a lock of a whole
   * file holds it no more meanwhile, since two who do so would wait for ever.
   */
  void await(long node, Lock wanted, LockAnswer answer);

  /** Who waits gives up, and is told so, if he was not told anything before. */
  void cancel(LockAnswer waiting);

  /** An owner has no locks of a kind any more in a range. */
  void giveBack(long node, LockKind kind, long owner, LockRange range);

  /** A handle is gone, and so are all locks that were taken through it. */
  void released(long node, long handle);

  /** All are given back: nobody uses the files any more. */
  void close();

  /** Whether anybody holds a lock of a file, or waits for one. */
  boolean areUsed(long node);

  /** How many locks there are at this moment, of all files. */
  LockCount count();
}
