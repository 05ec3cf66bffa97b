package io.redisfuse.frontend.tree;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is below a {@link TrieNode}: its children by segment, and what is counted there.
 *
 * <p>A hash table with open addressing. Beside each node it has the hash of its segment, so that a
 * search looks at few nodes, and growing at none. As keys are other people's, what hashes to what
 * differs from process to process.
 */
final class Branch implements Iterable<TrieNode> {

  private static final int SMALLEST = 2;
  private static final long SEED = ThreadLocalRandom.current().nextLong();
  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  /** Settled keys that exist. */
  int existing;

  /** Keys that are not settled. */
  int unresolved;

  /** Retained directories, with the one that this belongs to. */
  int retainedHere;

  /** Whether the directory that this belongs to is retained. */
  boolean retained;

  private int size;
  private int[] hashes = new int[SMALLEST];
  private TrieNode[] nodes = new TrieNode[SMALLEST];

  boolean isEmpty() {
    return size == 0;
  }

  /** The child of that segment, or null. */
  TrieNode find(byte[] segment) {
    return nodes[slot(hash(segment), segment)];
  }

  /** Adds a child, whose segment no other child has. */
  void put(byte[] segment, TrieNode child) {
    // One slot in four stays free, one at least: there every search ends.
    if ((size + 1) * 4L > nodes.length * 3L) {
      resize(nodes.length * 2);
    }
    int hash = hash(segment);
    int slot = slot(hash, segment);
    hashes[slot] = hash;
    nodes[slot] = child;
    size++;
  }

  /** Removes the child of that segment, if there is one. */
  void remove(byte[] segment) {
    int gap = slot(hash(segment), segment);
    if (nodes[gap] == null) {
      return;
    }
    size--;
    nodes[gap] = null;
    if (nodes.length > SMALLEST && size * 8L < nodes.length) {
      resize(nodes.length / 2);
    } else {
      close(gap);
    }
  }

  /** Moves back what a search would not find any more beyond the gap. */
  private void close(int gap) {
    int mask = nodes.length - 1;
    int free = gap;
    for (int i = (gap + 1) & mask; nodes[i] != null; i = (i + 1) & mask) {
      int distanceFromHome = (i - hashes[i]) & mask;
      int distanceFromGap = (i - free) & mask;
      if (distanceFromHome >= distanceFromGap) {
        hashes[free] = hashes[i];
        nodes[free] = nodes[i];
        nodes[i] = null;
        free = i;
      }
    }
  }

  private void resize(int length) {
    int[] oldHashes = hashes;
    TrieNode[] oldNodes = nodes;
    hashes = new int[length];
    nodes = new TrieNode[length];
    for (int i = 0; i < oldNodes.length; i++) {
      if (oldNodes[i] != null) {
        int slot = oldHashes[i] & (length - 1);
        while (nodes[slot] != null) {
          slot = (slot + 1) & (length - 1);
        }
        hashes[slot] = oldHashes[i];
        nodes[slot] = oldNodes[i];
      }
    }
  }

  /** Where the child of that segment is, or where it would be. */
  private int slot(int hash, byte[] segment) {
    int mask = nodes.length - 1;
    int slot = hash & mask;
    while (nodes[slot] != null && !(hashes[slot] == hash && nodes[slot].isNamed(segment))) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static int hash(byte[] segment) {
    long hash = SEED;
    for (byte b : segment) {
      hash = (hash ^ b) * FACTOR;
      hash ^= hash >>> 29;
    }
    return (int) (hash ^ (hash >>> 32));
  }

  /** Children must not come or go meanwhile. */
  @Override
  public Iterator<TrieNode> iterator() {
    TrieNode[] all = nodes;
    return new Iterator<>() {
      private int next = after(0);

      private int after(int from) {
        int i = from;
        while (i < all.length && all[i] == null) {
          i++;
        }
        return i;
      }

      @Override
      public boolean hasNext() {
        return next < all.length;
      }

      @Override
      public TrieNode next() {
        if (next >= all.length) {
          throw new NoSuchElementException();
        }
        TrieNode node = all[next];
        next = after(next + 1);
        return node;
      }
    };
  }
}
