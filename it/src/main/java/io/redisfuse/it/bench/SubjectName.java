package io.redisfuse.it.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Everything that can be measured, in the order of the columns. */
enum SubjectName {
  /** The file system in C; all others are compared with it. */
  REFERENCE,
  TMPFS,
  BINDFS,
  KERNEL_MEMORY,
  LIBFUSE_MEMORY,
  KERNEL_REDIS,
  LIBFUSE_REDIS,
  /** Bare calls, no file system. */
  JEDIS;

  /** As it is written on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<SubjectName> of(String word) {
    return Arrays.stream(values()).filter(name -> name.word().equals(word)).findFirst();
  }

  boolean isMount() {
    return this != JEDIS;
  }
}
