package io.redisfuse.daemon;

import java.util.Objects;

/** A password. Prints as stars, so that it cannot get into a log by accident. */
final class Secret {

  private final String value;

  Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The password itself, for whoever logs in with it. */
  String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "****";
  }
}
