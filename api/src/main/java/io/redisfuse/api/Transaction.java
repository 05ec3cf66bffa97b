package io.redisfuse.api;

import java.util.ArrayList;
import java.util.List;

/**
 * Expectations and changes, applied all or not at all. All expectations are of the state before the
 * first change; the changes are applied in order.
 *
 * <p>Two expectations of one cell with different versions are allowed, and never hold.
 */
public record Transaction(List<Expectation> expectations, List<Change> changes) {
  public Transaction {
    expectations = List.copyOf(expectations);
    changes = List.copyOf(changes);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Changes without an expectation. */
  public static Transaction of(Change... changes) {
    return new Transaction(List.of(), List.of(changes));
  }

  /** Collects a transaction. Not safe for threads. */
  public static final class Builder {
    private final List<Expectation> expectations = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();

    private Builder() {}

    public Builder expect(Cell cell, Version version) {
      expectations.add(new Expectation(cell, version));
      return this;
    }

    public Builder expect(Expectation expectation) {
      expectations.add(expectation);
      return this;
    }

    public Builder change(Change change) {
      changes.add(change);
      return this;
    }

    public Builder put(Cell cell, Bytes content) {
      return change(new Change.Put(cell, content));
    }

    public Transaction build() {
      return new Transaction(expectations, changes);
    }
  }
}
