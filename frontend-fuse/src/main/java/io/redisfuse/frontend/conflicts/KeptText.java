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
 * @param expected the version that the text was made from; empty if there is none, as of an append
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
}
