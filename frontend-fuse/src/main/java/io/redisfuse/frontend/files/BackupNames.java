package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.List;

/** How editors name the backups that they make of a file before they save it. */
final class BackupNames {

  private static final Bytes SUFFIX = Bytes.utf8("~");

  /** What people have their editors append instead. */
  private static final List<String> SUFFIXES = List.of("~", ".bak", ".orig", ".old");

  /** What stands for the slashes where all backups are in one directory: in vim, and in emacs. */
  private static final String SLASHES = "%!";

  private BackupNames() {}

  /**
   * Whether a name beside the file is of a backup: {@code NAME~}, {@code NAME.~1~} and the like; of
   * a name that is taken vim changes the last character.
   */
  static boolean isBackup(Bytes name, Bytes original) {
    Bytes start = original.slice(0, original.length() - 1);
    return (name.startsWith(original) && name.length() > original.length())
        || (name.endsWith(SUFFIX)
            && name.length() == original.length() + SUFFIX.length()
            && name.startsWith(start));
  }

  /** Whether a name in any directory is: one that says more, since there it may be anything. */
  static boolean isBackupElsewhere(String name, Bytes original) {
    return SUFFIXES.stream().anyMatch(name::endsWith)
        && isBackup(Bytes.utf8(name.substring(lastSlash(name) + 1)), original);
  }

  private static int lastSlash(String name) {
    return SLASHES.chars().map(name::lastIndexOf).max().orElse(-1);
  }
}
