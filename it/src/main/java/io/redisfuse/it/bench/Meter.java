package io.redisfuse.it.bench;

import java.io.IOException;

/** Tells what a process has used since it started. */
@FunctionalInterface
interface Meter {

  /** For what has no process of its own: the kernel's file systems, and Redis alone. */
  Meter NONE = () -> Usage.UNKNOWN;

  /** To be read when something has ended. */
  Usage read() throws IOException;

  /**
   * To be read when something is about to start: what reading itself costs is not in the
   * difference.
   */
  default Usage readBefore() throws IOException {
    return read();
  }
}
