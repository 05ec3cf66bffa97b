package io.redisfuse.api;

/**
 * The backend answered that it will not: no permission, no memory, a value beyond its limits. The
 * same call will be refused again until somebody changes that. Nothing was applied.
 */
public final class RefusedException extends BackendException {

  private static final long serialVersionUID = 1L;

  /** What stands in the way. */
  public enum Reason {
    /** The user may not do this, or is not known. */
    NOT_PERMITTED,
    /** The store is full. */
    NO_SPACE,
    /** The value is larger than the store takes. */
    TOO_LARGE,
    /** The store takes no writes now. */
    READ_ONLY,
    /** The keys are not kept together, and the store changes only such together as are. */
    CROSS_SLOT,
    /** The store does not know how to do it. */
    UNSUPPORTED,
    /** Anything else; the message has the store's words. */
    OTHER
  }

  private final Reason reason;

  public RefusedException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
