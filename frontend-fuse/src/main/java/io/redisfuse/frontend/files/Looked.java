package io.redisfuse.frontend.files;

import java.util.Objects;
import java.util.Optional;

/**
 * What a name stands for.
 *
 * @param attributes of the node; empty if there is nothing of that name
 * @param validNanos for how long that may be relied on, unless a {@link KernelCache} is told
 *     otherwise: {@link Attributes#UNTIL_TOLD}, or a number of nanoseconds
 */
public record Looked(Optional<Attributes> attributes, long validNanos) {

  public Looked {
    Objects.requireNonNull(attributes, "attributes");
  }
}
