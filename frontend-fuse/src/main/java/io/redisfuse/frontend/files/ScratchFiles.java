package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.frontend.conflicts.KeptText;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The files that live on this machine only, by directory and name, until the end of the mount.
 *
 * <p>Their number is bounded, and so is what they take of the heap: beyond that they go to
 * temporary files.
 *
 * <p>Safe for threads.
 */
final class ScratchFiles {

  private static final int MOST = 10_000;
  private static final int MOST_SHOWN = 1_000;
  private static final long MOST_HEAP = 64L << 20;

  private final NodeTable nodes;
  private final InstantSource clock;
  private final Consumer<Bytes> changed;

  /** Guarded by itself, with all that is in it. Each node in it is held. */
  private final Map<Bytes, Map<Bytes, Node>> byStem = new HashMap<>();

  /** How many are in {@link #byStem}; guarded by that. */
  private int size;

  /** Those in {@link #byStem} that show kept texts, the oldest first; guarded by that. */
  private final Set<Node> shown = new LinkedHashSet<>();

  /**
   * @param changed told of the stems of directories in which something else is listed now
   */
  ScratchFiles(NodeTable nodes, InstantSource clock, Consumer<Bytes> changed) {
    this.changed = changed;
    this.nodes = nodes;
    this.clock = clock;
  }

  Optional<Node> find(Bytes stem, Bytes name) {
    synchronized (byStem) {
      return Optional.ofNullable(byStem.getOrDefault(stem, Map.of()).get(name));
    }
  }

  /** Whether a node has its name still. */
  boolean has(Node node) {
    return find(stemOf(node.identity()), nameOf(node.identity())).filter(node::equals).isPresent();
  }

  /** What is in a directory. */
  Map<Bytes, Node> in(Bytes stem) {
    synchronized (byStem) {
      return Map.copyOf(byStem.getOrDefault(stem, Map.of()));
    }
  }

  /** Makes an empty file, in the place of what has the name. */
  ScratchNode create(Bytes stem, Bytes name) {
    return (ScratchNode) add(new Identity.OfScratch(stem, name));
  }

  /** Makes a file that shows a kept text. Of too many the oldest are not shown any more. */
  void show(Bytes stem, Bytes name, KeptText text) {
    synchronized (byStem) {
      ScratchNode node = create(stem, name);
      node.shows(text);
      shown.add(node);
      if (shown.size() > MOST_SHOWN) {
        Identity oldest = shown.iterator().next().identity();
        remove(stemOf(oldest), nameOf(oldest));
      }
    }
  }

  /** Makes a link, in the place of what has the name. */
  SymlinkNode link(Bytes stem, Bytes name, Bytes target) {
    return (SymlinkNode) add(new Identity.OfLink(stem, name, target));
  }

  private Node add(Identity identity) {
    synchronized (byStem) {
      if (size - shown.size() >= MOST) {
        throw new FsException(
            FsError.NO_SPACE,
            "There are " + MOST + " scratch files already; remove some that are not needed.");
      }
      remove(stemOf(identity), nameOf(identity));
      Node node = nodes.lookUp(identity);
      nodes.hold(node.id());
      nodes.forget(node.id(), 1);
      put(node);
      return node;
    }
  }

  /** The name goes; who has it open goes on. */
  void remove(Bytes stem, Bytes name) {
    synchronized (byStem) {
      Map<Bytes, Node> names = byStem.getOrDefault(stem, Map.of());
      Node node = names.get(name);
      if (node == null) {
        return;
      }
      take(node);
      nodes.detach(node);
      nodes.drop(node);
      if (node instanceof ScratchNode scratch) {
        scratch.removed();
      }
    }
  }

  /** Gives a file another name, in the place of what has that, if it may be replaced. */
  void rename(Node node, Bytes stem, Bytes name, Replacement replacement) {
    synchronized (byStem) {
      if (replacement == Replacement.REFUSED && find(stem, name).isPresent()) {
        throw Namespace.taken(name);
      }
      if (stemOf(node.identity()).equals(stem) && nameOf(node.identity()).equals(name)) {
        return;
      }
      remove(stem, name);
      take(node);
      nodes.rename(node, at(node.identity(), stem, name));
      put(node);
    }
  }

  /** Exchanges the names of two files, which both have theirs still. */
  void exchange(Node one, Node other) {
    synchronized (byStem) {
      Identity first = one.identity();
      Identity second = other.identity();
      take(one);
      take(other);
      nodes.exchange(
          one,
          at(first, stemOf(second), nameOf(second)),
          other,
          at(second, stemOf(first), nameOf(first)));
      put(one);
      put(other);
    }
  }

  /** A directory got another stem; the nodes know it already. */
  void movedBelow(Bytes from, Bytes to) {
    synchronized (byStem) {
      for (Bytes stem : List.copyOf(byStem.keySet())) {
        if (stem.startsWith(from)) {
          Map<Bytes, Node> names = byStem.remove(stem);
          byStem.put(to.concat(stem.slice(from.length())), names);
        }
      }
    }
  }

  /** Something was written to a file: what is too much for the heap leaves it. */
  void written(ScratchNode written) {
    written.contentChanged(clock.instant());
    if (written.heapBytes() == 0) {
      return;
    }
    long heap = 0;
    synchronized (byStem) {
      if ((long) size * Content.HEAP_LIMIT <= MOST_HEAP) {
        return;
      }
      for (Node node : all()) {
        heap += node instanceof ScratchNode scratch ? scratch.heapBytes() : 0;
      }
    }
    if (heap > MOST_HEAP) {
      written.leaveHeap();
    }
  }

  /** Whether a file here is the backup of a cell. */
  boolean hasBackupOf(Cell cell) {
    synchronized (byStem) {
      return all().stream()
          .anyMatch(
              node ->
                  node instanceof ScratchNode file
                      && file.backup().filter(backup -> backup.cell().equals(cell)).isPresent());
    }
  }

  private List<Node> all() {
    List<Node> all = new ArrayList<>();
    byStem.values().forEach(names -> all.addAll(names.values()));
    return all;
  }

  private void put(Node node) {
    Identity identity = node.identity();
    byStem.computeIfAbsent(stemOf(identity), s -> new HashMap<>()).put(nameOf(identity), node);
    size++;
    changed.accept(stemOf(identity));
  }

  private void take(Node node) {
    Bytes stem = stemOf(node.identity());
    Map<Bytes, Node> names = byStem.get(stem);
    names.remove(nameOf(node.identity()));
    size--;
    shown.remove(node);
    if (names.isEmpty()) {
      byStem.remove(stem);
    }
    changed.accept(stem);
  }

  static Bytes stemOf(Identity identity) {
    return identity instanceof Identity.OfLink link
        ? link.stem()
        : ((Identity.OfScratch) identity).stem();
  }

  static Bytes nameOf(Identity identity) {
    return identity instanceof Identity.OfLink link
        ? link.name()
        : ((Identity.OfScratch) identity).name();
  }

  private static Identity at(Identity identity, Bytes stem, Bytes name) {
    return identity instanceof Identity.OfLink link
        ? new Identity.OfLink(stem, name, link.target())
        : new Identity.OfScratch(stem, name);
  }
}
