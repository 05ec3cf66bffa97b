package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * One segment in the {@link Trie}: the key that ends with it and the directory that it names,
 * either of which may not exist. Only the trie changes nodes; who holds one may read it under the
 * lock that guards the trie.
 */
final class TrieNode {

  /** How far {@link #found} can be trusted. */
  enum Trust {
    /** It is what the store holds, as far as anyone has been told. */
    SETTLED,
    /** The key may have changed since, or was never looked at closely enough. */
    CHANGED,
    /** It is from before a reset; unless the scan that follows visits the key, it is gone. */
    SUSPECT
  }

  /** Null for the root. */
  final TrieNode parent;

  /** What follows the parent's stem; of the root, empty. */
  final Bytes segment;

  /** What is known, or was when it could last be trusted. */
  Finding found = Finding.ABSENT;

  Trust trust = Trust.SETTLED;

  /** The number of the last change of the key, or an upper bound of it. */
  long changed;

  /** The last reset that this node has taken notice of. */
  long epoch;

  /** Settled keys that exist below this node, without its own. */
  int existingBelow;

  /** Keys below this node, without its own, that are not settled. */
  int unresolvedBelow;

  /** Retained directories at and below this node. */
  int retainedHere;

  boolean retained;

  /** Most nodes are leaves, and share one empty map. */
  private Map<Bytes, TrieNode> children = Map.of();

  TrieNode(TrieNode parent, Bytes segment) {
    this.parent = parent;
    this.segment = segment;
  }

  boolean isResolved() {
    return trust == Trust.SETTLED;
  }

  /** Whether the key exists, without a further look. */
  boolean surelyExists() {
    return isResolved() && found.exists();
  }

  /** Whether something that needs no further look makes the directory of this node exist. */
  boolean isSurelyDirectory() {
    return parent == null || retainedHere > 0 || existingBelow > 0;
  }

  Collection<TrieNode> children() {
    return children.values();
  }

  TrieNode child(Bytes segment) {
    return children.get(segment);
  }

  void attach(TrieNode child) {
    if (children.isEmpty()) {
      children = new HashMap<>(2);
    }
    children.put(child.segment, child);
  }

  void detach(TrieNode child) {
    children.remove(child.segment);
    if (children.isEmpty()) {
      children = Map.of();
    }
  }
}
