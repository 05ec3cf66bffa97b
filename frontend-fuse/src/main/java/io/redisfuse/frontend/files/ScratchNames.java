package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;
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
 * @param always patterns of names, with {@code *}, {@code ?} and {@code [a-z]} as in a shell
 * @param ifExclusive patterns of names that count only if the file is created exclusively
 */
public record ScratchNames(List<Pattern> always, List<Pattern> ifExclusive) {

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

  public ScratchNames {
    always = List.copyOf(always);
    ifExclusive = List.copyOf(ifExclusive);
  }

  /** The names that the usual programs use. */
  public static ScratchNames defaults() {
    return new ScratchNames(compile(DEFAULTS), compile(DEFAULTS_IF_EXCLUSIVE));
  }

  /** No names at all. */
  public static ScratchNames none() {
    return new ScratchNames(List.of(), List.of());
  }

  /**
   * These names and more.
   *
   * @throws IllegalArgumentException if a pattern is empty, has a slash, matches every name or has
   *     a bracket that is not closed
   */
  public ScratchNames and(List<String> patterns) {
    List<Pattern> more = new ArrayList<>(always);
    more.addAll(compile(patterns));
    return new ScratchNames(more, ifExclusive);
  }

  /** Whether a file of this name is scratch, however it comes into being. */
  boolean match(Bytes name) {
    return matches(always, name);
  }

  /** Whether a file of this name may be scratch. */
  boolean mayMatch(Bytes name) {
    return match(name) || matches(ifExclusive, name);
  }

  /** Whether a file that is created so is scratch. */
  boolean match(Bytes name, OpenMode mode) {
    return match(name) || (mode.exclusive() && matches(ifExclusive, name));
  }

  private static boolean matches(List<Pattern> patterns, Bytes name) {
    if (patterns.isEmpty()) {
      return false;
    }
    String text = name.toUtf8();
    return patterns.stream().anyMatch(pattern -> pattern.matcher(text).matches());
  }

  private static List<Pattern> compile(List<String> globs) {
    return globs.stream().map(ScratchNames::compile).toList();
  }

  private static Pattern compile(String glob) {
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
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
