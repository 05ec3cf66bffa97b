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

  /** Whether a text is what the process had read or copied before, put back at once. */
  boolean isRestoredBy(Version text, Instant now) {
    return isReflex(now)
        && (expected.filter(text::equals).isPresent() || copied.filter(text::equals).isPresent());
  }

  /** Whether so little time has passed that the program itself is acting. */
  boolean isReflex(Instant now) {
    return now.isBefore(since.plus(REFLEX));
  }
}
