package io.redisfuse.api;

import java.util.Objects;

/**
 * A cell that must hold a version for a transaction to be applied. {@code (string key, ABSENT)}
 * says that no key of that name exists; {@code (field, ABSENT)} that there is no such key, or a
 * hash without the field.
 */
public record Expectation(Cell cell, Version version) {
  public Expectation {
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(version, "version");
  }
}
