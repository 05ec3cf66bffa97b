package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which names are those of files that programs make for themselves: swap, backup, lock and probe
 * files of editors, and what desktops drop. They stay on this machine.
 *
 * <p>Some of these names might as well be a person's. They count only if the file is created
 * exclusively, as programs do with temporary names and people's tools do not.
 *
 * <p>Every name that is looked up is compared: so all patterns are one.
 */
public final class ScratchNames {

  private static final List<String> DEFAULTS =
      List.of(
          // Backups of nearly all editors.
          "?*~",
          // vim, and nano's locks.
          ".*.sw?",
          ".sw?",
          ".*.swpx",
          // emacs: locks, which joe has too, and what it saves by itself.
          ".#*",
          "#*#",
          ".goutputstream-*",
          ".~lock.*#",
          ".*.kate-swp",
          "*___jb_tmp___",
          "*___jb_old___",
          ".fuse_hidden*",
          ".DS_Store",
          "._*");

  /** What mkstemp(3) puts in the place of the last six letters of its template. */
  private static final String RANDOM = "[A-Za-z0-9]".repeat(6);

  /**
   * {@code sed -i}, {@code perl -i}, mg's backups in the making; and vim's probe, 4913, with the
   * numbers it takes when that is taken.
   */
  private static final List<String> DEFAULTS_IF_EXCLUSIVE =
      Stream.concat(
              Stream.of("sed" + RANDOM, "XX" + RANDOM, "*.XXXX" + RANDOM),
              IntStream.range(0, 20).mapToObj(n -> Integer.toString(4913 + 123 * n)))
          .toList();

  /** Regular expressions of names. */
  private final List<String> always;

  private final List<String> ifExclusive;
  private final Optional<Pattern> anyAlways;
  private final Optional<Pattern> anyAtAll;

  private ScratchNames(List<String> always, List<String> ifExclusive) {
    this.always = List.copyOf(always);
    this.ifExclusive = List.copyOf(ifExclusive);
    this.anyAlways = any(always);
    this.anyAtAll = any(Stream.concat(always.stream(), ifExclusive.stream()).toList());
  }

  private static Optional<Pattern> any(List<String> patterns) {
    return patterns.isEmpty()
        ? Optional.empty()
        : Optional.of(Pattern.compile(String.join("|", patterns), Pattern.DOTALL));
  }

  /** The names that the usual programs use. */
  public static ScratchNames defaults() {
    return new ScratchNames(translate(DEFAULTS), translate(DEFAULTS_IF_EXCLUSIVE));
  }

  /** No names at all. */
  public static ScratchNames none() {
    return new ScratchNames(List.of(), List.of());
  }

  /**
   * These names and more.
   *
   * @param patterns of names, with {@code *}, {@code ?} and {@code [a-z]} as in a shell
   * @throws IllegalArgumentException if a pattern is empty, has a slash, matches every name or has
   *     a bracket that is not closed
   */
  public ScratchNames and(List<String> patterns) {
    List<String> more = new ArrayList<>(always);
    more.addAll(translate(patterns));
    return new ScratchNames(more, ifExclusive);
  }

  /** Whether a file of this name is scratch, however it comes into being. */
  boolean match(Bytes name) {
    return matches(anyAlways, name);
  }

  /** Whether a file of this name may be scratch. */
  boolean mayMatch(Bytes name) {
    return matches(anyAtAll, name);
  }

  /** Whether a file that is created so is scratch. */
  boolean match(Bytes name, OpenMode mode) {
    return mode.exclusive() ? mayMatch(name) : match(name);
  }

  private static boolean matches(Optional<Pattern> patterns, Bytes name) {
    return patterns.isPresent() && patterns.get().matcher(name.toUtf8()).matches();
  }

  private static List<String> translate(List<String> globs) {
    return globs.stream().map(ScratchNames::translate).toList();
  }

  /** The regular expression of a pattern; whether it is one is seen by compiling it. */
  private static String translate(String glob) {
    if (glob.isEmpty() || glob.contains("/") || glob.matches("\\*+")) {
      throw new IllegalArgumentException("'" + glob + "' is no pattern of a scratch file's name");
    }
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (c == '[') {
        int end = glob.indexOf(']', i + 2);
        if (end < 0) {
          throw new IllegalArgumentException("the '[' in '" + glob + "' is not closed");
        }
        String inside = glob.substring(i + 1, end).replace("\\", "\\\\").replace("[", "\\[");
        regex.append('[').append(inside.replaceFirst("^!", "^").replace("&", "\\&")).append(']');
        i = end;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).pattern();
  }
}
