package io.redisfuse.daemon;

/** What the daemon's exit status says. */
enum ExitCode {
  /** Unmounted, and everything was saved. */
  CLEAN(0),
  /** It could not start, or could not save everything. */
  FAILURE(1),
  /** The command line was wrong; nothing was tried. */
  USAGE(2);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }
}
