package io.redisfuse.api;

/** A key holds another type than was asked for, so nothing was applied or read. */
public final class WrongTypeException extends BackendException {

  private static final long serialVersionUID = 1L;

  private final transient Bytes key;
  private final Type found;

  public WrongTypeException(Bytes key, Type found) {
    super(
        "The key " + key + " holds a " + found + ", which this operation cannot use.",
        /* cause= */ null);
    this.key = key;
    this.found = found;
  }

  public Bytes key() {
    return key;
  }

  /** The type that the key holds. */
  public Type found() {
    return found;
  }
}
