package io.redisfuse.frontend.tree;

import io.redisfuse.frontend.tree.TrieNode.Trust;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of a key, and how far that can be trusted. There is one instance of each, so that a
 * million nodes hold a reference and no more.
 */
record Knowledge(Trust trust, Finding found) {

  private static final Map<Trust, Map<Finding, Knowledge>> ALL = new EnumMap<>(Trust.class);

  static {
    for (Trust trust : Trust.values()) {
      Map<Finding, Knowledge> ofTrust = new HashMap<>();
      Finding.all().forEach(found -> ofTrust.put(found, new Knowledge(trust, found)));
      ALL.put(trust, ofTrust);
    }
  }

  static Knowledge of(Trust trust, Finding found) {
    return ALL.get(trust).get(found);
  }
}
