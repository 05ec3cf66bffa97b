package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import java.util.Arrays;
import java.util.List;

/**
 * One segment in the {@link Trie}: the key that ends with it and the directory that it names,
 * either of which may not exist. Only the trie changes nodes; who holds one may read it under the
 * lock that guards the trie.
 *
 * <p>There is one for each key, so it is kept small: 40 bytes beside the segment, while nothing is
 * below it.
 */
final class TrieNode {

  /** How far what was found can be trusted. */
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
  private final byte[] segment;

  /** The number of the last change of the key, or an upper bound of it. */
  long changed;

  /** How many resets had been when this node last took notice of them. */
  int era;

  private Knowledge knowledge = Knowledge.of(Trust.SETTLED, Finding.ABSENT);

  /** What is below; null while nothing is, as for most nodes. */
  private Branch branch;

  TrieNode(TrieNode parent, Bytes segment) {
    this.parent = parent;
    this.segment = segment.unsafeArray();
  }

  /** What follows the parent's stem; of the root, empty. */
  Bytes segment() {
    return Bytes.wrap(segment);
  }

  int segmentLength() {
    return segment.length;
  }

  boolean isNamed(byte[] name) {
    return Arrays.equals(segment, name);
  }

  /** What is known, or was when it could last be trusted. */
  Finding found() {
    return knowledge.found();
  }

  Trust trust() {
    return knowledge.trust();
  }

  void know(Trust trust, Finding found) {
    knowledge = Knowledge.of(trust, found);
  }

  boolean isResolved() {
    return trust() == Trust.SETTLED;
  }

  /** Whether the key exists, without a further look. */
  boolean surelyExists() {
    return isResolved() && found().exists();
  }

  /** Whether something that needs no further look makes the directory of this node exist. */
  boolean isSurelyDirectory() {
    return parent == null || retainedHere() > 0 || existingBelow() > 0;
  }

  /** Settled keys that exist below this node, without its own. */
  int existingBelow() {
    return branch == null ? 0 : branch.existing;
  }

  /** Keys below this node, without its own, that are not settled. */
  int unresolvedBelow() {
    return branch == null ? 0 : branch.unresolved;
  }

  /** Retained directories at and below this node. */
  int retainedHere() {
    return branch == null ? 0 : branch.retainedHere;
  }

  boolean isRetained() {
    return branch != null && branch.retained;
  }

  /** Counts keys below this node. */
  void count(int existing, int unresolved) {
    branch().existing += existing;
    branch().unresolved += unresolved;
  }

  void countRetained(int difference) {
    branch().retainedHere += difference;
    letGoOfBranch();
  }

  void retain(boolean retained) {
    branch().retained = retained;
    letGoOfBranch();
  }

  /** In no order. */
  Iterable<TrieNode> children() {
    return branch == null ? List.of() : branch;
  }

  boolean hasChildren() {
    return branch != null && !branch.isEmpty();
  }

  /** The child of that segment, or null. */
  TrieNode child(Bytes name) {
    return branch == null ? null : branch.find(name.unsafeArray());
  }

  void attach(TrieNode child) {
    branch().put(child.segment, child);
  }

  void detach(TrieNode child) {
    branch.remove(child.segment);
    letGoOfBranch();
  }

  private Branch branch() {
    if (branch == null) {
      branch = new Branch();
    }
    return branch;
  }

  private void letGoOfBranch() {
    if (branch.isEmpty() && !branch.retained && branch.retainedHere == 0) {
      branch = null;
    }
  }
}
