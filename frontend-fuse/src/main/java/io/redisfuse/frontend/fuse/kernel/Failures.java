package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log says of requests that fail: more than the errno that the program gets. */
public final class Failures {

  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /**
   * Of those that belong to life.
   *
   * @param subject the operation and what it was about
   */
  public static void log(String subject, FsException e) {
    if (e.error() == FsError.CONFLICT || e.error() == FsError.IO) {
      log.warn("{} failed: {}", subject, e.getMessage());
      log.debug("{} failed so:", subject, e);
    } else if (log.isDebugEnabled() && e.error() != FsError.NO_ENTRY) {
      log.debug("{} answers {}: {}", subject, e.error(), e.getMessage());
    }
  }

  /** Of those that are mistakes of ours. Never fails itself. */
  public static void logUnexpected(String subject, Throwable e) {
    try {
      log.error("{} failed unexpectedly", subject, e);
    } catch (Throwable again) {
      // Out of memory, or a log that fails: the reply matters more.
      e.addSuppressed(again);
    }
  }
}
