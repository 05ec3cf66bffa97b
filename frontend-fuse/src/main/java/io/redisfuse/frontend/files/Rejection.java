package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A save that was rejected, of which its process was told.
 *
 * <p>Some programs react to the error by themselves, before any person has read it: vim writes the
 * text of its backup back, others write directly what they could not rename. That would obliterate
 * the version that won, and no person wanted it.
 *
 * @param expected the version from which the rejected text was made, if that is known
 * @param copied the version of which the process had made a backup, if it had
 */
record Rejection(Way way, Optional<Version> expected, Optional<Version> copied, Instant since) {

  /** No person reads an error and saves again within this time. */
  private static final Duration REFLEX = Duration.ofSeconds(1);

  /**
   * Even on a busy machine a program has put its backup back within this time; and whoever saves
   * just what there was before his changes has not read the error either, or can wait.
   */
  private static final Duration PUT_BACK = Duration.ofSeconds(10);

  /** How a program saves. */
  enum Way {
    /** Writes into the file. */
    WRITE,
    /** Renames another file over it. */
    RENAME
  }

  Rejection {
    Objects.requireNonNull(way, "way");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(copied, "copied");
    Objects.requireNonNull(since, "since");
  }

  /** Whether a save is what programs do by themselves after this rejection. */
  boolean isFollowedBy(Way next, Version text, Instant now) {
    return isRestoredBy(text, now) || (way == Way.RENAME && next == Way.WRITE && isReflex(now));
  }

  /** Whether a text is what the process had read or copied before, put back by itself. */
  boolean isRestoredBy(Version text, Instant now) {
    return mayBePutBack(now)
        && (expected.filter(text::equals).isPresent() || copied.filter(text::equals).isPresent());
  }

  /** Whether the program may still be about to put its backup in the place of what won. */
  boolean mayBePutBack(Instant now) {
    return now.isBefore(since.plus(PUT_BACK));
  }

  /** Whether so little time has passed that the program itself is acting. */
  private boolean isReflex(Instant now) {
    return now.isBefore(since.plus(REFLEX));
  }
}
