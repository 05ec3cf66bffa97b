package io.redisfuse.api;

/**
 * Why a backend did not do what it was asked. The message is one sentence for a person, naming the
 * key; it never holds a password.
 */
public abstract sealed class BackendException extends RuntimeException
    permits ConflictException,
        WrongTypeException,
        BackendUnavailableException,
        OutcomeUnknownException,
        RefusedException {

  private static final long serialVersionUID = 1L;

  BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
