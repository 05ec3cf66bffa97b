package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * A name in a directory, as it was looked up, and the node that the kernel takes it for: each node
 * has a list of its names.
 *
 * <p>Not safe for threads: guarded by the {@link CachedNames}, as are the lists.
 */
final class CachedName {

  private final CachedNames.DirectoryNames directory;
  private final Bytes name;

  /** Whether it took the place of another, so that the kernel may know the name already. */
  private final boolean again;

  /** What it stands for; null for nothing, and until that is known. */
  private Node node;

  /** The node that the kernel takes it for, as far as it was ever told; null if for none. */
  private Node told;

  /** Another name of the same {@link #told}. */
  private CachedName nextOfNode;

  /** Whether nothing has happened since. */
  private boolean valid = true;

  /** Whether it is known what it stands for. */
  private boolean answered;

  /** How often it was doubted. */
  private int doubts;

  private CachedName(CachedNames.DirectoryNames directory, Bytes name, boolean again) {
    this.directory = directory;
    this.name = name;
    this.again = again;
  }

  /** A name that is looked up for the first time, as far as is known. */
  static CachedName first(CachedNames.DirectoryNames directory, Bytes name) {
    return new CachedName(directory, name, /* again= */ false);
  }

  /** The same name, looked up again: until the kernel has the next answer it goes on with this. */
  CachedName next() {
    CachedName next = new CachedName(directory, name, /* again= */ true);
    next.tell(told);
    return next;
  }

  /** All that the kernel takes for a node. */
  static List<CachedName> of(Node node) {
    List<CachedName> names = new ArrayList<>();
    for (CachedName name = node.cachedNames(); name != null; name = name.nextOfNode) {
      names.add(name);
    }
    return names;
  }

  CachedNames.DirectoryNames directory() {
    return directory;
  }

  Bytes name() {
    return name;
  }

  boolean isAgain() {
    return again;
  }

  Node node() {
    return node;
  }

  /** Whether the kernel has, or gets, any answer. */
  boolean isKnown() {
    return answered || again;
  }

  /** Whether it is known to stand for nothing. */
  boolean isAbsent() {
    return answered && node == null;
  }

  /** How often it was doubted, this time included. */
  int doubt() {
    return ++doubts;
  }

  boolean isValid() {
    return valid;
  }

  /** The number of the node that the kernel takes it for, or 0. */
  long told() {
    return told == null ? 0 : told.id();
  }

  /** The answer is a node, or null for nothing, and the kernel is going to have it. */
  void answer(Node found) {
    answered = true;
    node = found;
    tell(found);
  }

  /** It says nothing any more. */
  void invalidate() {
    valid = false;
    tell(null);
  }

  private void tell(Node next) {
    if (told == next) {
      return;
    }
    if (told != null) {
      leave();
    }
    told = next;
    if (next != null) {
      nextOfNode = next.cachedNames();
      next.cachedNames(this);
    }
  }

  private void leave() {
    CachedName first = told.cachedNames();
    if (first == this) {
      told.cachedNames(nextOfNode);
    } else {
      CachedName before = first;
      while (before.nextOfNode != this) {
        before = before.nextOfNode;
      }
      before.nextOfNode = nextOfNode;
    }
    nextOfNode = null;
  }
}
