package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.Optional;

/** A save must not be made. Only thrown within this package: whoever catches it keeps the text. */
final class Rejected extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Optional<Version> expected;
  private final transient Optional<Version> found;

  /**
   * @param expected the version that the text was made from, if it was made from one
   * @param found the version that is there instead; empty if it is of another type, or unknown
   * @param why a sentence
   */
  Rejected(Optional<Version> expected, Optional<Version> found, String why, Throwable cause) {
    super(why, cause);
    this.expected = expected;
    this.found = found;
  }

  Optional<Version> expected() {
    return expected;
  }

  Optional<Version> found() {
    return found;
  }
}
