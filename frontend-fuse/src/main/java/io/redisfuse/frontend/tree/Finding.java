package io.redisfuse.frontend.tree;

import io.redisfuse.api.Type;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a look at a key found: nothing, a directory marker, or an ordinary key of some type. There
 * is one instance of each, so that a million nodes hold a reference and no more.
 *
 * @param exists whether the key exists
 * @param type the type of an ordinary key; empty for a marker and for nothing
 */
record Finding(boolean exists, Optional<Type> type) {

  static final Finding ABSENT = new Finding(false, Optional.empty());
  static final Finding MARKER = new Finding(true, Optional.empty());

  private static final Map<Type, Finding> ORDINARY = new EnumMap<>(Type.class);

  static {
    for (Type type : Type.values()) {
      ORDINARY.put(type, new Finding(true, Optional.of(type)));
    }
  }

  /** All there are. */
  static List<Finding> all() {
    List<Finding> all = new ArrayList<>(ORDINARY.values());
    all.add(ABSENT);
    all.add(MARKER);
    return all;
  }

  /** An ordinary key of that type. */
  static Finding of(Type type) {
    return ORDINARY.get(type);
  }
}
