package io.redisfuse.api;

import java.util.List;
import java.util.Objects;

/** One element of a collection, for display. */
public sealed interface Element {

  /** An element of a list. */
  record ListItem(Bytes value) implements Element {
    public ListItem {
      Objects.requireNonNull(value, "value");
    }
  }

  /** A member of a set. */
  record Member(Bytes value) implements Element {
    public Member {
      Objects.requireNonNull(value, "value");
    }
  }

  /** A member of a sorted set. */
  record ScoredMember(double score, Bytes value) implements Element {
    public ScoredMember {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * An entry of a stream.
   *
   * @param fields in the order of the entry; a name may occur twice
   */
  record StreamEntry(String id, List<FieldValue> fields) implements Element {
    public StreamEntry {
      Objects.requireNonNull(id, "id");
      fields = List.copyOf(fields);
    }
  }

  /** A field of a stream's entry. */
  record FieldValue(Bytes field, Bytes value) {
    public FieldValue {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(value, "value");
    }
  }
}
