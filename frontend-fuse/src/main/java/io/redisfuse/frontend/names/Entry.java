package io.redisfuse.frontend.names;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;

/**
 * Something that has a name in a directory. Segments and fields are the bytes that Redis holds,
 * without any escape.
 */
public sealed interface Entry {

  /** One field of the hash whose last segment is {@code segment}. */
  record Field(Bytes segment, Bytes field) implements Entry {
    public Field {
      requireNonNull(segment);
      requireNonNull(field);
    }
  }

  /** A directory: there are keys, or a marker, below {@code segment} and the delimiter. */
  record Directory(Bytes segment) implements Entry {
    public Directory {
      requireNonNull(segment);
    }
  }

  /** A key that is not a hash, and beside which there is no directory of the same segment. */
  record Key(Bytes segment) implements Entry {
    public Key {
      requireNonNull(segment);
    }
  }

  /** The value of the directory's own key: a key that is not a hash and is a directory as well. */
  record OwnValue() implements Entry {}
}
