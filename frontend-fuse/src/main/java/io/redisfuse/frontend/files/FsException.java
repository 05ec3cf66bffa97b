package io.redisfuse.frontend.files;

/** An operation failed. The message is one sentence for a person; the error goes to the caller. */
public final class FsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final FsError error;

  public FsException(FsError error, String message) {
    super(message);
    this.error = error;
  }

  public FsException(FsError error, String message, Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  public FsError error() {
    return error;
  }
}
