package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What some cells and keys hold at one moment: versions of cells, types of keys. */
record Sighting(Map<Cell, Version> versions, Map<Bytes, Optional<Type>> types) {
  Sighting {
    versions = Map.copyOf(versions);
    types = Map.copyOf(types);
  }

  /** Whether some cell or key shows that this and {@code other} are not the same state. */
  boolean differsFrom(Sighting other) {
    return versions.entrySet().stream()
            .anyMatch(
                cell ->
                    other.versions.containsKey(cell.getKey())
                        && !other.versions.get(cell.getKey()).equals(cell.getValue()))
        || types.entrySet().stream()
            .anyMatch(
                key ->
                    other.types.containsKey(key.getKey())
                        && !other.types.get(key.getKey()).equals(key.getValue()));
  }

  /** Whether the server shows this now, as far as {@code facts} tell. */
  boolean isSeenIn(Facts facts) {
    boolean seen = true;
    // No short cut: in the first pass every question must be put.
    for (Map.Entry<Bytes, Optional<Type>> key : types.entrySet()) {
      seen &= facts.type(key.getKey(), Type.STRING).equals(key.getValue());
    }
    for (Map.Entry<Cell, Version> cell : versions.entrySet()) {
      seen &= facts.version(cell.getKey(), cell.getValue()).equals(cell.getValue());
    }
    return seen;
  }

  /** Whether the server shows some of this now, as far as {@code facts} tell. */
  boolean isSeenInPart(Facts facts) {
    boolean seen = false;
    for (Map.Entry<Bytes, Optional<Type>> key : types.entrySet()) {
      seen |= facts.type(key.getKey(), Type.STRING).equals(key.getValue());
    }
    for (Map.Entry<Cell, Version> cell : versions.entrySet()) {
      seen |= facts.version(cell.getKey(), cell.getValue()).equals(cell.getValue());
    }
    return seen;
  }

  /** This, but for what {@code other} shows just the same. */
  Sighting without(Sighting other) {
    Map<Cell, Version> cells = new HashMap<>(versions);
    cells.entrySet().removeAll(other.versions.entrySet());
    Map<Bytes, Optional<Type>> keys = new HashMap<>(types);
    keys.entrySet().removeAll(other.types.entrySet());
    return new Sighting(cells, keys);
  }

  /** Collects a sighting. */
  static final class Builder {
    private final Map<Cell, Version> versions = new HashMap<>();
    private final Map<Bytes, Optional<Type>> types = new HashMap<>();

    void version(Cell cell, Version version) {
      versions.put(cell, version);
    }

    void type(Bytes key, Optional<Type> type) {
      types.put(key, type);
    }

    Sighting build() {
      return new Sighting(versions, types);
    }
  }
}
