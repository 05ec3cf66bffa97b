package io.redisfuse.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a cell without reading it.
 *
 * @param type the type of the cell's key, whatever it is: a string cell whose key holds a list says
 *     {@code LIST}
 * @param size of a string its bytes; of a collection its elements; of a field its bytes, or empty
 *     if the key is no hash or lacks the field; empty for {@link Type#OTHER}
 * @param ttl how long the key lives on, if it expires
 */
public record CellStatus(Type type, OptionalLong size, Optional<Duration> ttl) {
  public CellStatus {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(size, "size");
    Objects.requireNonNull(ttl, "ttl");
  }
}
