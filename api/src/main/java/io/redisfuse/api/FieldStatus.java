package io.redisfuse.api;

import java.util.Objects;

/** One field of a hash and the size of its value in bytes. */
public record FieldStatus(Bytes field, long size) {
  public FieldStatus {
    Objects.requireNonNull(field, "field");
  }
}
