package io.redisfuse.frontend.conflicts;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A text that is kept on this machine, and how it came to that.
 *
 * @param id its name among the kept texts: unique, safe in file names, in the order of time; begins
 *     with the time as {@code yyyyMMdd'T'HHmmssSSS'Z'} (UTC), then {@code -} and a number
 * @param time when it was kept, in milliseconds
 * @param source the server and database, without secrets, or {@code memory}
 * @param cell where the text belongs
 * @param expected the version that the text was made from; empty for one that was to be appended,
 *     whatever is there, and for one that was overwritten
 * @param found the version that the cell held instead, {@link Version#ABSENT} if it was gone; empty
 *     if it was of another type, or unknown
 * @param process who was saving, such as {@code vim (4711)}, or nothing
 * @param why what happened, for a person
 * @param file where the text itself is, which its owner alone may read
 * @param size of the text, in bytes
 */
public record KeptText(
    String id,
    Instant time,
    String source,
    Cell cell,
    Reason reason,
    Optional<Version> expected,
    Optional<Version> found,
    String process,
    String why,
    Path file,
    long size) {
  public KeptText {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(found, "found");
    Objects.requireNonNull(process, "process");
    Objects.requireNonNull(why, "why");
    Objects.requireNonNull(file, "file");
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
  }

  /**
   * Whether the text is only what was to be added at the end of the cell, not the whole of it: then
   * it was made from no version.
   */
  public boolean isAppended() {
    return switch (reason) {
      case REJECTED, UNSAVED -> expected.isEmpty();
      case UNCERTAIN -> true;
      case OVERWRITTEN -> false;
    };
  }
}
