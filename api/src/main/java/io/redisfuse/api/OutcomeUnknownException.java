package io.redisfuse.api;

/**
 * The backend was lost while it committed, and could not be asked afterwards: the transaction was
 * applied as a whole, or not at all.
 */
public final class OutcomeUnknownException extends BackendException {

  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
