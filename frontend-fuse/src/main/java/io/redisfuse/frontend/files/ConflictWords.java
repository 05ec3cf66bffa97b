package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.util.Optional;

/** What happened to a cell between the reading and the save of a process, in words. */
final class ConflictWords {

  private ConflictWords() {}

  static String of(Cell cell, Optional<Version> expected, Version found, String process) {
    String who = process.isEmpty() ? "it was opened" : process + " read it";
    if (found.isAbsent()) {
      return "The " + cell + " was deleted, or has expired, since " + who + ".";
    }
    if (expected.filter(Version::isAbsent).isPresent()) {
      return "The " + cell + " was created by somebody else in the meantime.";
    }
    return "The " + cell + " was changed by somebody else since " + who + ".";
  }

  static String of(Cell cell, WrongTypeException failure) {
    return "The "
        + cell
        + " cannot be saved: its key has become a "
        + failure.found()
        + " in the meantime.";
  }

  /** Its writers believe that they have it locked. */
  static String unlocked(Cell cell) {
    return "The lock of the "
        + cell
        + " was lost while it was written, since the server could not be told in time that it is"
        + " held; others may have had it meanwhile.";
  }

  /** What the program did by itself after it was told of a conflict. */
  static String reflex(Cell cell) {
    return "The "
        + cell
        + " was changed by somebody else, and a program must not put an older text in its place by"
        + " itself; read the file again, or save once more in ten seconds to overwrite it.";
  }
}
