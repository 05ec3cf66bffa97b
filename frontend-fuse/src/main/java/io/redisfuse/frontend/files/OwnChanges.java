package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;

/**
 * The keys that this mount has changed lately: the backend tells of these changes, too, at any time
 * after they have begun, and late when there is much to tell.
 *
 * <p>What the backend tells comes in the order in which it happened. So a key is remembered until
 * the backend has told of one that was changed here in a later stretch of time; or, where it tells
 * nothing, for some time.
 *
 * <p>Bounded. Not safe for threads.
 */
final class OwnChanges {

  /** So many milliseconds a stretch is long at least. */
  private static final long STRETCH = 1_000;

  /** After so many the backend has told of everything, or is never going to. */
  private static final long PATIENCE = 10_000;

  /** In a stretch, at some 100 bytes each. */
  private static final int MOST = 20_000;

  private final InstantSource clock;
  private final int most;

  /** In this stretch, and in the one before. */
  private Set<Bytes> now = new HashSet<>();

  private Set<Bytes> before = Set.of();
  private long since;

  /** Whether the backend has told of a key of this stretch that is not also of the one before. */
  private boolean told;

  OwnChanges(InstantSource clock) {
    this(clock, MOST);
  }

  /**
   * @param most so many keys are remembered of a stretch
   */
  OwnChanges(InstantSource clock, int most) {
    this.clock = clock;
    this.most = most;
  }

  /** This mount is about to change a key, or has just done so. */
  void changes(Bytes key) {
    forgetOld();
    if (now.isEmpty()) {
      since = clock.millis();
    } else if (isOver(told ? STRETCH : PATIENCE) || now.size() >= most) {
      before = now;
      now = new HashSet<>();
      since = clock.millis();
      told = false;
    }
    now.add(key);
  }

  /** The backend tells of a change of a key; whether that may be one of this mount. */
  boolean include(Bytes key) {
    forgetOld();
    boolean isOfNow = now.contains(key);
    boolean isOfBefore = before.contains(key);
    told |= isOfNow && !isOfBefore;
    return isOfNow || isOfBefore;
  }

  private void forgetOld() {
    if (!now.isEmpty() && isOver(2 * PATIENCE)) {
      now = new HashSet<>();
      before = Set.of();
      told = false;
    }
  }

  private boolean isOver(long millis) {
    return clock.millis() - since >= millis;
  }
}
