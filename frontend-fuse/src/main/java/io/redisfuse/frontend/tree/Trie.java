package io.redisfuse.frontend.tree;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.TrieNode.Trust;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The keys that are known, by segment, with counters that say of every directory without a search
 * whether something exists in it. Not safe for threads: {@link LiveIndex} guards it by its lock.
 *
 * <p><b>Order.</b> Everything that is told gets a number from one clock. What somebody learned from
 * the store counts only if the key has no change with a higher number than when he began to ask;
 * otherwise the key stays unresolved. A node that holds nothing is removed, and its number goes
 * into {@link #forgotten}, which is an upper bound for all keys that have no node. During a scan
 * nodes of keys that changed after its begin are not removed, so that the scan, whose bound they
 * would raise, neither revives them nor has to doubt all others.
 *
 * <p><b>Resets</b> cost nothing at first: every node holds the last reset that it has taken notice
 * of, and {@link #refresh} turns what an older one knows into suspicion when it is next looked at.
 * So nodes may be read and changed only on a way from the root on which each was refreshed.
 *
 * <p>A key may have any number of segments: nothing here is recursive.
 */
final class Trie {

  private static final long NO_SCAN = Long.MAX_VALUE;

  private final Keyspace keyspace;
  private final TrieNode root = new TrieNode(null, Bytes.EMPTY);
  private final Set<TrieNode> keptForScan = new HashSet<>();

  private long clock;
  private long epoch;

  private int rumours;

  /** How many resets there were. */
  private int era;

  private long forgotten;
  private long scanBegan = NO_SCAN;

  Trie(Keyspace keyspace) {
    this.keyspace = keyspace;
  }

  long clock() {
    return clock;
  }

  /** The number of the last reset. */
  long epoch() {
    return epoch;
  }

  TrieNode root() {
    refresh(root);
    return root;
  }

  /** Keys that exist or may exist. */
  long size() {
    refresh(root);
    return (long) root.existingBelow() + root.unresolvedBelow();
  }

  /** Keys of which nothing is known but that they were told of. They may not exist. */
  int rumours() {
    return rumours;
  }

  /** The node of the directory with that stem, or null. */
  TrieNode directory(Bytes stem) {
    return find(directoryPath(stem));
  }

  /** The node of that key, or null. */
  TrieNode at(Bytes key) {
    return find(keyspace.segments(key));
  }

  /** The children of a node, each of them ready to be read. */
  Iterable<TrieNode> children(TrieNode node) {
    node.children().forEach(this::refresh);
    return node.children();
  }

  /** The key that ends with {@code node}. */
  Bytes key(TrieNode node) {
    Deque<Bytes> segments = new ArrayDeque<>();
    int length = keyspace.prefix().length() - keyspace.delimiter().length();
    for (TrieNode n = node; n.parent != null; n = n.parent) {
      segments.push(n.segment());
      length += n.segmentLength() + keyspace.delimiter().length();
    }
    byte[] key = new byte[length];
    int end = append(key, 0, keyspace.prefix());
    end = append(key, end, segments.pop());
    for (Bytes segment : segments) {
      end = append(key, end, keyspace.delimiter());
      end = append(key, end, segment);
    }
    return Bytes.wrap(key);
  }

  private static int append(byte[] target, int at, Bytes part) {
    System.arraycopy(part.unsafeArray(), 0, target, at, part.length());
    return at + part.length();
  }

  /**
   * Visits nodes below {@code top}, a node before those below it, until {@code visit} says that it
   * is enough.
   *
   * @param worthwhile which nodes to visit and to look below
   * @param visit returns whether to go on
   */
  void walk(TrieNode top, Predicate<TrieNode> worthwhile, Predicate<TrieNode> visit) {
    Deque<Iterator<TrieNode>> open = new ArrayDeque<>();
    open.push(top.children().iterator());
    while (!open.isEmpty()) {
      if (!open.peek().hasNext()) {
        open.pop();
        continue;
      }
      TrieNode node = open.peek().next();
      refresh(node);
      if (worthwhile.test(node)) {
        if (!visit.test(node)) {
          return;
        }
        open.push(node.children().iterator());
      }
    }
  }

  /** The feed, or somebody, says that the key may have changed. */
  void change(Bytes key) {
    TrieNode node = obtain(keyspace.segments(key));
    node.changed = ++clock;
    settle(node, Trust.CHANGED, node.found());
  }

  /** Anything may have changed. */
  void reset() {
    era++;
    epoch = ++clock;
    forgotten = epoch;
  }

  /**
   * This mount changed the key, and at {@code stamp}, before that, began to do so. If the key was
   * changed since by someone, or for all that is known, it stays unresolved.
   */
  void assertChanged(Bytes key, Finding found, long stamp) {
    TrieNode node = obtain(keyspace.segments(key));
    boolean sure =
        node.changed <= stamp && found.type().filter(type -> isUnclear(key, type)).isEmpty();
    node.changed = ++clock;
    settle(node, sure ? Trust.SETTLED : Trust.CHANGED, found);
    prune(node);
  }

  /**
   * A look at the key, begun when its number was {@code changed} and the last reset was {@code
   * epoch}, found this. Changes nothing if the key changed since.
   */
  void resolve(TrieNode node, long changed, long epoch, Finding found) {
    // A node that was removed meanwhile is settled as absent, so it is not touched either.
    if (!node.isResolved() && node.changed == changed && this.epoch == epoch) {
      settle(node, Trust.SETTLED, found);
      prune(node);
    }
  }

  /** Begins a scan; returns the number that its visits must give. */
  long beginScan() {
    scanBegan = ++clock;
    return scanBegan;
  }

  /**
   * A scan visits a key.
   *
   * @return whether the scan still is of use; not so after a reset
   */
  boolean visit(long scan, Bytes key, Type type) {
    if (scan != scanBegan || epoch > scan) {
      return false;
    }
    TrieNode node = obtain(keyspace.segments(key));
    if (node.changed <= scan && !node.surelyExists()) {
      if (isUnclear(key, type)) {
        settle(node, Trust.CHANGED, Finding.MARKER);
      } else {
        settle(node, Trust.SETTLED, Finding.of(type));
      }
    }
    return true;
  }

  /** The scan failed, or is not of use any more. */
  void abandonScan() {
    scanBegan = NO_SCAN;
    for (TrieNode node : keptForScan) {
      prune(node);
    }
    keptForScan.clear();
  }

  /**
   * The scan visited all keys: those that it had to confirm and did not are gone.
   *
   * @return whether that is so; if not, a reset came between
   */
  boolean completeScan(long scan) {
    boolean valid = scan == scanBegan && epoch < scan;
    abandonScan();
    if (valid) {
      List<TrieNode> gone = new ArrayList<>();
      walk(
          root(),
          Trie::hasUnresolved,
          node -> {
            if (node.trust() == Trust.SUSPECT) {
              gone.add(node);
            }
            return true;
          });
      for (TrieNode node : gone) {
        settle(node, Trust.SETTLED, Finding.ABSENT);
        prune(node);
      }
    }
    return valid;
  }

  /** Whether the node's key or one below it is not settled. */
  static boolean hasUnresolved(TrieNode node) {
    return !node.isResolved() || node.unresolvedBelow() > 0;
  }

  /** Whether nothing is known of the node's key but that it was told of. */
  static boolean isRumour(TrieNode node) {
    return !node.isResolved() && !node.found().exists();
  }

  void retain(Bytes stem) {
    retain(obtain(directoryPath(stem)));
  }

  boolean isRetained(Bytes stem) {
    TrieNode node = directory(stem);
    return node != null && node.isRetained();
  }

  void forget(Bytes stem) {
    TrieNode node = directory(stem);
    if (node != null) {
      release(node);
    }
  }

  void moveRetained(Bytes fromStem, Bytes toStem) {
    TrieNode from = directory(fromStem);
    if (from == null || from.retainedHere() == 0) {
      return;
    }
    List<TrieNode> moving = new ArrayList<>();
    if (from.isRetained()) {
      moving.add(from);
    }
    walk(
        from,
        node -> node.retainedHere() > 0,
        node -> {
          if (node.isRetained()) {
            moving.add(node);
          }
          return true;
        });
    int depth = directoryPath(fromStem).size();
    List<List<Bytes>> targets = new ArrayList<>();
    for (TrieNode node : moving) {
      List<Bytes> target = new ArrayList<>(directoryPath(toStem));
      List<Bytes> path = path(node);
      target.addAll(path.subList(depth, path.size()));
      targets.add(target);
    }
    // First all go, then all come: one may move to where another was.
    moving.forEach(this::release);
    targets.forEach(target -> retain(obtain(target)));
  }

  private void retain(TrieNode node) {
    if (!node.isRetained()) {
      node.retain(true);
      countRetained(node, 1);
    }
  }

  private void release(TrieNode node) {
    if (node.isRetained()) {
      node.retain(false);
      countRetained(node, -1);
      prune(node);
    }
  }

  private static void countRetained(TrieNode node, int difference) {
    for (TrieNode n = node; n != null; n = n.parent) {
      n.countRetained(difference);
    }
  }

  /** Whether it takes a closer look to know if the key is a marker. */
  private boolean isUnclear(Bytes key, Type type) {
    return type == Type.STRING && keyspace.mayBeMarker(key);
  }

  private List<Bytes> directoryPath(Bytes stem) {
    List<Bytes> segments = keyspace.segments(stem);
    int last = segments.size() - 1;
    if (!segments.get(last).isEmpty()) {
      throw new IllegalArgumentException("Not the stem of a directory: " + stem);
    }
    return segments.subList(0, last);
  }

  private static List<Bytes> path(TrieNode node) {
    Deque<Bytes> path = new ArrayDeque<>();
    for (TrieNode n = node; n.parent != null; n = n.parent) {
      path.push(n.segment());
    }
    return List.copyOf(path);
  }

  private TrieNode find(List<Bytes> path) {
    TrieNode node = root();
    for (Bytes segment : path) {
      node = node.child(segment);
      if (node == null) {
        return null;
      }
      refresh(node);
    }
    return node;
  }

  private TrieNode obtain(List<Bytes> path) {
    TrieNode node = root();
    for (Bytes segment : path) {
      TrieNode child = node.child(segment);
      if (child == null) {
        child = new TrieNode(node, segment);
        child.changed = forgotten;
        child.era = era;
        node.attach(child);
      }
      node = child;
      refresh(node);
    }
    return node;
  }

  private void refresh(TrieNode node) {
    if (node.era == era) {
      return;
    }
    node.era = era;
    node.changed = Math.max(node.changed, epoch);
    int existed = node.existingBelow();
    if (existed > 0) {
      node.count(-existed, existed);
    }
    if (node.found().exists() || !node.isResolved()) {
      node.know(Trust.SUSPECT, node.found());
    }
  }

  private void settle(TrieNode node, Trust trust, Finding found) {
    rumours -= isRumour(node) ? 1 : 0;
    int existing = -existing(node);
    int unresolved = -unresolved(node);
    node.know(trust, found);
    rumours += isRumour(node) ? 1 : 0;
    existing += existing(node);
    unresolved += unresolved(node);
    if (existing != 0 || unresolved != 0) {
      for (TrieNode n = node.parent; n != null; n = n.parent) {
        n.count(existing, unresolved);
      }
    }
  }

  private static int existing(TrieNode node) {
    return node.surelyExists() ? 1 : 0;
  }

  private static int unresolved(TrieNode node) {
    return node.isResolved() ? 0 : 1;
  }

  /** Removes the node, and those above it, as far as they hold nothing. */
  private void prune(TrieNode node) {
    TrieNode n = node;
    while (n.parent != null
        && n.isResolved()
        && !n.found().exists()
        && !n.isRetained()
        && !n.hasChildren()
        && n.parent.child(n.segment()) == n) {
      if (n.changed > scanBegan) {
        keptForScan.add(n);
        return;
      }
      forgotten = Math.max(forgotten, n.changed);
      n.parent.detach(n);
      n = n.parent;
    }
  }
}
