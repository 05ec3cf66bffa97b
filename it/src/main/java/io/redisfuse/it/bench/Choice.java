package io.redisfuse.it.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What to measure, and with what.
 *
 * @param directory for mount points, which the caller removes; {@code tmpfs} in it is one
 * @param launcher the program that starts our daemon
 * @param reference the program that is the file system in C, if it could be compiled
 * @param areas what to measure
 * @param subjects of whom
 * @param rounds how often each has its turn, if somebody has said so
 */
record Choice(
    Path directory,
    Path launcher,
    Optional<Path> reference,
    Set<Area> areas,
    Set<SubjectName> subjects,
    OptionalInt rounds) {

  /** Somebody has asked for something that there is not. */
  static final class UsageException extends Exception {

    private static final long serialVersionUID = 1;

    private UsageException(String message) {
      super(message);
    }
  }

  /** Directory, launcher and reference (empty if there is none), then what a person has written. */
  static Choice parse(List<String> arguments) throws UsageException {
    Set<Area> areas = EnumSet.noneOf(Area.class);
    Set<SubjectName> subjects = EnumSet.allOf(SubjectName.class);
    OptionalInt rounds = OptionalInt.empty();
    for (String word : arguments.subList(3, arguments.size())) {
      if (word.startsWith("rounds=")) {
        rounds = OptionalInt.of(rounds(word.substring(word.indexOf('=') + 1)));
      } else if (word.startsWith("subjects=")) {
        subjects = subjects(word.substring(word.indexOf('=') + 1));
      } else {
        areas.add(area(word));
      }
    }
    Optional<Path> reference =
        Optional.of(arguments.get(2)).filter(path -> !path.isEmpty()).map(Path::of);
    if (reference.isEmpty()) {
      subjects.remove(SubjectName.REFERENCE);
    }
    return new Choice(
        Path.of(arguments.get(0)),
        Path.of(arguments.get(1)),
        reference,
        areas.isEmpty() ? EnumSet.allOf(Area.class) : areas,
        subjects,
        rounds);
  }

  private static int rounds(String number) throws UsageException {
    try {
      int rounds = Integer.parseInt(number);
      if (rounds > 0) {
        return rounds;
      }
    } catch (NumberFormatException e) {
      // It is said below.
    }
    throw new UsageException("rounds=" + number + " is not a number of rounds.");
  }

  private static Set<SubjectName> subjects(String words) throws UsageException {
    Set<SubjectName> subjects = EnumSet.noneOf(SubjectName.class);
    for (String word : words.split(",", -1)) {
      subjects.add(
          SubjectName.of(word)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "There is no subject '"
                              + word
                              + "'; there are: "
                              + Arrays.stream(SubjectName.values())
                                  .map(SubjectName::word)
                                  .collect(Collectors.joining(", "))
                              + ".")));
    }
    return subjects;
  }

  private static Area area(String word) throws UsageException {
    return Arrays.stream(Area.values())
        .filter(area -> area.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "'"
                        + word
                        + "' cannot be measured; choose of: "
                        + Arrays.stream(Area.values())
                            .map(Area::word)
                            .collect(Collectors.joining(" "))
                        + " live, rounds=N, subjects=NAME,NAME."));
  }
}
