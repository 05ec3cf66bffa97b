package io.redisfuse.api;

/** The backend could not be reached within its time limit. Nothing was applied. */
public final class BackendUnavailableException extends BackendException {

  private static final long serialVersionUID = 1L;

  public BackendUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
