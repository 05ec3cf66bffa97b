package io.redisfuse.backend.memory;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;

/**
 * An immutable map in the order of its keys. A changed map shares all but the path to the change
 * with the one that it was made from, so both stay usable and a change costs the logarithm of the
 * size.
 *
 * <p>It is a treap: a search tree by key and a heap by a random priority, which keeps it flat
 * whatever order the keys come in.
 */
final class SortedTree<K extends Comparable<K>, V> {

  private static final SortedTree<?, ?> EMPTY = new SortedTree<>(null);

  private final Node<K, V> root;

  private SortedTree(Node<K, V> root) {
    this.root = root;
  }

  @SuppressWarnings("unchecked") // an empty tree holds nothing of any type
  static <K extends Comparable<K>, V> SortedTree<K, V> empty() {
    return (SortedTree<K, V>) EMPTY;
  }

  int size() {
    return sizeOf(root);
  }

  boolean isEmpty() {
    return root == null;
  }

  Optional<V> get(K key) {
    Node<K, V> node = root;
    while (node != null) {
      int order = key.compareTo(node.key);
      if (order == 0) {
        return Optional.of(node.value);
      }
      node = order < 0 ? node.left : node.right;
    }
    return Optional.empty();
  }

  /** The least key. */
  Optional<K> first() {
    if (root == null) {
      return Optional.empty();
    }
    Node<K, V> node = root;
    while (node.left != null) {
      node = node.left;
    }
    return Optional.of(node.key);
  }

  /** This map with {@code key} leading to {@code value}. */
  SortedTree<K, V> with(K key, V value) {
    return new SortedTree<>(insert(root, key, value));
  }

  /** This map without {@code key}. */
  SortedTree<K, V> without(K key) {
    Node<K, V> rest = remove(root, key);
    return rest == root ? this : new SortedTree<>(rest);
  }

  /**
   * Visits the entries from {@code from} (inclusive) on, in order, until the visitor returns false.
   */
  void visitFrom(K from, BiPredicate<? super K, ? super V> visitor) {
    visit(root, from, visitor);
  }

  /** Visits all entries, in order, until the visitor returns false. */
  void visit(BiPredicate<? super K, ? super V> visitor) {
    visit(root, null, visitor);
  }

  private static <K extends Comparable<K>, V> boolean visit(
      Node<K, V> node, K from, BiPredicate<? super K, ? super V> visitor) {
    if (node == null) {
      return true;
    }
    boolean wanted = from == null || node.key.compareTo(from) >= 0;
    if (!wanted) {
      return visit(node.right, from, visitor);
    }
    return visit(node.left, from, visitor)
        && visitor.test(node.key, node.value)
        && visit(node.right, null, visitor);
  }

  private static <K extends Comparable<K>, V> Node<K, V> insert(Node<K, V> node, K key, V value) {
    if (node == null) {
      int priority = ThreadLocalRandom.current().nextInt();
      return new Node<>(key, value, priority, null, null);
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return new Node<>(node.key, value, node.priority, node.left, node.right);
    }
    if (order < 0) {
      Node<K, V> left = insert(node.left, key, value);
      return left.priority > node.priority
          ? left.with(left.left, node.with(left.right, node.right))
          : node.with(left, node.right);
    }
    Node<K, V> right = insert(node.right, key, value);
    return right.priority > node.priority
        ? right.with(node.with(node.left, right.left), right.right)
        : node.with(node.left, right);
  }

  private static <K extends Comparable<K>, V> Node<K, V> remove(Node<K, V> node, K key) {
    if (node == null) {
      return null;
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return merge(node.left, node.right);
    }
    if (order < 0) {
      Node<K, V> left = remove(node.left, key);
      return left == node.left ? node : node.with(left, node.right);
    }
    Node<K, V> right = remove(node.right, key);
    return right == node.right ? node : node.with(node.left, right);
  }

  /** One tree of two, of which all keys of the first come before those of the second. */
  private static <K extends Comparable<K>, V> Node<K, V> merge(
      Node<K, V> before, Node<K, V> after) {
    if (before == null) {
      return after;
    }
    if (after == null) {
      return before;
    }
    return before.priority > after.priority
        ? before.with(before.left, merge(before.right, after))
        : after.with(merge(before, after.left), after.right);
  }

  private static int sizeOf(Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }

  private static final class Node<K, V> {
    final K key;
    final V value;
    final int priority;
    final int size;
    final Node<K, V> left;
    final Node<K, V> right;

    Node(K key, V value, int priority, Node<K, V> left, Node<K, V> right) {
      this.key = key;
      this.value = value;
      this.priority = priority;
      this.left = left;
      this.right = right;
      this.size = sizeOf(left) + 1 + sizeOf(right);
    }

    Node<K, V> with(Node<K, V> newLeft, Node<K, V> newRight) {
      return new Node<>(key, value, priority, newLeft, newRight);
    }
  }
}
