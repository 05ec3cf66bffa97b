package io.redisfuse.it.bench;

import java.util.Locale;

/** What can be chosen on the command line; each needs files of its own, if any. */
enum Area {
  STAT,
  OPEN,
  CREATE,
  OVERWRITE,
  RENAME,
  LS,
  FIND,
  GIT,
  GREP,
  LARGE,
  START;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
