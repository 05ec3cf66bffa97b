package io.redisfuse.api;

/** An expectation did not hold, so nothing was applied. */
public final class ConflictException extends BackendException {

  private static final long serialVersionUID = 1L;

  private final transient Cell cell;
  private final transient Version found;

  public ConflictException(Cell cell, Version expected, Version found) {
    super(
        "The " + cell + " was expected to be " + expected + " but is " + found + ".",
        /* cause= */ null);
    this.cell = cell;
    this.found = found;
  }

  private ConflictException(Cell cell) {
    super("The " + cell + ", which was to be moved, does not exist.", /* cause= */ null);
    this.cell = cell;
    this.found = Version.ABSENT;
  }

  /** A move found nothing to move. */
  public static ConflictException vanished(Cell cell) {
    return new ConflictException(cell);
  }

  /** The first cell, in the order of the expectations, that was not as expected. */
  public Cell cell() {
    return cell;
  }

  /** The version that the cell holds. */
  public Version found() {
    return found;
  }
}
