package io.redisfuse.daemon;

/** What a command's exit status says. */
enum ExitCode {
  /** Unmounted, and everything was saved; or done what was asked. */
  CLEAN(0),
  /** It could not start, or could not save everything that it should. */
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
