package io.redisfuse.backend.redis;

/**
 * Of which era the server was that has applied what nobody has waited for yet: a server that takes
 * the place of another need not have what that had applied, so its replicas and its disk say
 * nothing of it.
 *
 * <p>Safe for threads.
 */
final class UnsyncedCommits {

  /** The era of the last commit of a thread, since a thread that waits mostly waits for that. */
  private final ThreadLocal<Integer> own = new ThreadLocal<>();

  /** Guarded by this. */
  private int oldest = Integer.MAX_VALUE;

  /** The caller has committed to a server of this era. */
  void add(int era) {
    own.set(era);
    synchronized (this) {
      oldest = Math.min(oldest, era);
    }
  }

  /**
   * What was committed is waited for at a server of this era.
   *
   * @return whether all of it was applied by that server; else nobody knows of some of it, which is
   *     said once
   */
  boolean take(int era) {
    Integer last = own.get();
    own.remove();
    synchronized (this) {
      boolean isOlder = oldest < era;
      oldest = Integer.MAX_VALUE;
      return !isOlder && (last == null || last >= era);
    }
  }
}
