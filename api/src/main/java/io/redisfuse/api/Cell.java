package io.redisfuse.api;

import java.util.Objects;

/** One editable value: a string key, or one field of a hash. */
public sealed interface Cell {

  /** The key that holds the cell. */
  Bytes key();

  static StringCell string(Bytes key) {
    return new StringCell(key);
  }

  static FieldCell field(Bytes key, Bytes field) {
    return new FieldCell(key, field);
  }

  /** The value of a string key. */
  record StringCell(Bytes key) implements Cell {
    public StringCell {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public String toString() {
      return "key " + key;
    }
  }

  /** One field of a hash. */
  record FieldCell(Bytes key, Bytes field) implements Cell {
    public FieldCell {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(field, "field");
    }

    @Override
    public String toString() {
      return "field " + field + " of hash " + key;
    }
  }
}
