package io.redisfuse.daemon;

/**
 * Why the daemon does not start, or another command does not do what it was asked: one sentence for
 * a person, that ends with the cure.
 */
final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  private StartException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** Something on this machine or the server stands in the way. */
  static StartException failure(String message) {
    return new StartException(ExitCode.FAILURE, message, /* cause= */ null);
  }

  /** Something on this machine or the server stands in the way, as {@code cause} found. */
  static StartException failure(String message, Throwable cause) {
    return new StartException(ExitCode.FAILURE, message, cause);
  }

  /** The command line asks for something that cannot be. */
  static StartException usage(String message) {
    return new StartException(ExitCode.USAGE, message, /* cause= */ null);
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
