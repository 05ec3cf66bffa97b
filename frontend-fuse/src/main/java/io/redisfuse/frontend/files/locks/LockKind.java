package io.redisfuse.frontend.files.locks;

/** The two kinds of locks, which do not see each other. */
public enum LockKind {
  /** POSIX record locks, of ranges: {@code fcntl(2)}, {@code lockf(3)}. The owner is a process. */
  RECORD,

  /** Locks of whole files: {@code flock(2)}. The owner is an open file. */
  WHOLE
}
