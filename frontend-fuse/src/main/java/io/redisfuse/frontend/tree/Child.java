package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing in a directory: a segment at which there is a key, or a directory, or both.
 *
 * @param segment the segment that follows the directory's stem
 * @param key the type of the key that ends with this segment, if there is one; a marker is none
 * @param directory whether a directory of this segment exists
 */
public record Child(Bytes segment, Optional<Type> key, boolean directory) {
  public Child {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(key, "key");
    if (key.isEmpty() && !directory) {
      throw new IllegalArgumentException("nothing is at " + segment);
    }
  }
}
