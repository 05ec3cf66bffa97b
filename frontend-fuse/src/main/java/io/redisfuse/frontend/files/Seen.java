package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.Objects;
import java.util.Optional;

/**
 * What a process knows of a cell.
 *
 * @param version the version that it last read or saved, or of which it was told
 * @param read whether it has ever opened the file for reading, so that what it saves may be made
 *     from what it read
 * @param rejection the rejection by which it was told of the version, unless it has read it since
 * @param tried the version that it has perhaps saved by a rename: nobody knows
 * @param copied the version that it has read since, but only for a backup
 */
record Seen(
    Version version,
    boolean read,
    Optional<Rejection> rejection,
    Optional<Version> tried,
    Optional<Version> copied) {

  Seen {
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rejection, "rejection");
    Objects.requireNonNull(tried, "tried");
    Objects.requireNonNull(copied, "copied");
  }

  /** What was read, or saved. */
  static Seen of(Version version, boolean read) {
    return new Seen(version, read, Optional.empty(), Optional.empty(), Optional.empty());
  }

  Seen withTried(Version perhapsSaved) {
    return new Seen(version, read, rejection, Optional.of(perhapsSaved), copied);
  }

  Seen withCopied(Version inBackup) {
    return new Seen(version, read, rejection, tried, Optional.of(inBackup));
  }
}
