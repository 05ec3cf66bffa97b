package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All nodes by number and by identity.
 *
 * <p>One lock guards the maps, but for {@link #byId}, which is read without; it is held for a few
 * map operations, never during I/O, and no other lock but a node's own is taken inside it. A node's
 * counts are guarded by the node, so that who holds or drops one that the kernel knows takes no
 * lock but that; one that the table has let go of is never held again.
 */
final class NodeTable {

  /** At about 400 bytes each. */
  private static final int MOST_FORGOTTEN = 10_000;

  private final Object lock = new Object();
  private final Map<Long, Node> byId = new ConcurrentHashMap<>();
  private final Map<Identity, Node> byIdentity = new HashMap<>();
  private final Map<Long, Node> byInode = new HashMap<>();

  /** Nodes that nobody knows any more, those that were forgotten first first; and some others. */
  private final LinkedHashMap<Long, Node> forgotten = new LinkedHashMap<>();

  /** The first of the files whose cells are of a key, as far as they have names. */
  private final Map<Bytes, FileNode> byKey = new HashMap<>();

  private final Node.Ownership files;
  private final Node.Ownership collections;
  private final Node.Ownership directories;
  private final Instant since;
  private final Store store;
  private long lastId = FileSystem.ROOT;
  private long lastSpareInode = FileSystem.ROOT;

  /**
   * @param since what files that nobody touched say of their times
   */
  NodeTable(Bytes rootStem, int owner, int group, Instant since, Store store) {
    this.files = new Node.Ownership(0644, owner, group);
    this.collections = new Node.Ownership(0444, owner, group);
    this.directories = new Node.Ownership(0755, owner, group);
    this.since = since;
    this.store = store;
    var identity = new Identity.OfDirectory(rootStem);
    Node root = new DirectoryNode(FileSystem.ROOT, FileSystem.ROOT, identity, directories, since);
    root.lookedUp();
    byId.put(root.id(), root);
    byIdentity.put(identity, root);
    byInode.put(root.inode(), root);
  }

  /** The node of a number. */
  Node get(long id) {
    Node node = byId.get(id);
    if (node == null) {
      throw gone(id);
    }
    return node;
  }

  /** As {@link #get}, of a number that may be of no node here. */
  Optional<Node> find(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  private static FsException gone(long id) {
    return new FsException(FsError.STALE, "There is no node " + id + " any more.");
  }

  Optional<Node> find(Identity identity) {
    synchronized (lock) {
      return Optional.ofNullable(byIdentity.get(identity));
    }
  }

  /** The inode that an identity has, or would have. */
  long inodeOf(Identity identity) {
    synchronized (lock) {
      Node node = byIdentity.get(identity);
      return node != null ? node.inode() : identity.inode();
    }
  }

  /** The node of an identity, counted as looked up once more. */
  Node lookUp(Identity identity) {
    synchronized (lock) {
      Node node = byIdentity.get(identity);
      if (node == null) {
        node = make(identity);
        byId.put(node.id(), node);
        name(node, identity);
        byInode.put(node.inode(), node);
      }
      node.lookedUp();
      return node;
    }
  }

  /** Whether nobody has looked the node up, or all have forgotten it. */
  boolean isForgotten(Node node) {
    synchronized (lock) {
      return node.isForgotten();
    }
  }

  /** Returns the node if nobody has looked it up any more. */
  Optional<Node> forget(long id, long lookups) {
    synchronized (lock) {
      Node node = byId.get(id);
      if (node == null || id == FileSystem.ROOT) {
        return Optional.empty();
      }
      node.forget(lookups);
      letGoIfIdle(node);
      return Optional.of(node).filter(Node::isForgotten);
    }
  }

  /** The node of a number, kept until it is dropped as often as it is held. */
  Node hold(long id) {
    Node node = get(id);
    if (!node.hold()) {
      throw gone(id);
    }
    return node;
  }

  void drop(Node node) {
    if (node.drop()) {
      synchronized (lock) {
        letGoIfIdle(node);
      }
    }
  }

  /** The name of this identity is gone: a new file of that name will be another node. */
  void detach(Node node) {
    synchronized (lock) {
      unname(node);
      letGoIfIdle(node);
    }
  }

  /** The node stands for something else from now on; what stood for that before is detached. */
  void rename(Node node, Identity to) {
    synchronized (lock) {
      unname(node);
      node.identity(to);
      Node before = byIdentity.get(to);
      if (before != null) {
        unname(before);
      }
      name(node, to);
    }
  }

  /** Two nodes that have names get each other's, so to speak: what they stand for from now on. */
  void exchange(Node one, Identity ofOne, Node other, Identity ofOther) {
    synchronized (lock) {
      unname(one);
      unname(other);
      one.identity(ofOne);
      other.identity(ofOther);
      name(one, ofOne);
      name(other, ofOther);
    }
  }

  private void name(Node node, Identity identity) {
    byIdentity.put(identity, node);
    if (node instanceof FileNode file) {
      file.nextOfKey(byKey.put(file.cell().key(), file));
    }
  }

  private void unname(Node node) {
    if (byIdentity.remove(node.identity(), node) && node instanceof FileNode file) {
      leaveKey(file);
    }
  }

  private void leaveKey(FileNode file) {
    Bytes key = file.cell().key();
    FileNode first = byKey.get(key);
    if (first != file) {
      FileNode before = first;
      while (before.nextOfKey() != file) {
        before = before.nextOfKey();
      }
      before.nextOfKey(file.nextOfKey());
    } else if (file.nextOfKey() != null) {
      byKey.put(key, file.nextOfKey());
    } else {
      byKey.remove(key);
    }
    file.nextOfKey(null);
  }

  /**
   * A directory got another stem: all nodes at and below it follow, and so do those of its own key,
   * which is shown in it.
   */
  void renameBelow(Bytes fromStem, Bytes toStem, Optional<Bytes> fromOwn, Optional<Bytes> toOwn) {
    synchronized (lock) {
      List<Node> moved = new ArrayList<>();
      for (Node node : byIdentity.values()) {
        if (keyOf(node.identity()).startsWith(fromStem)
            || (isOwnValue(node.identity())
                && fromOwn.isPresent()
                && keyOf(node.identity()).equals(fromOwn.get()))) {
          moved.add(node);
        }
      }
      for (Node node : moved) {
        Bytes key = keyOf(node.identity());
        Bytes newKey =
            key.startsWith(fromStem)
                ? toStem.concat(key.slice(fromStem.length()))
                : toOwn.orElseThrow();
        rename(node, withKey(node.identity(), newKey));
      }
    }
  }

  /** Whether an identity may be that of a directory's own value. */
  private static boolean isOwnValue(Identity identity) {
    return identity instanceof Identity.OfCollection
        || identity instanceof Identity.OfDirectory
        || (identity instanceof Identity.OfCell of && of.cell() instanceof Cell.StringCell);
  }

  /** The nodes of a key's cells. */
  List<FileNode> ofKey(Bytes key) {
    synchronized (lock) {
      List<FileNode> files = new ArrayList<>();
      for (FileNode file = byKey.get(key); file != null; file = file.nextOfKey()) {
        files.add(file);
      }
      return files;
    }
  }

  /** The files of a key that somebody has looked up, its collection included. */
  List<Node> knownOfKey(Bytes key) {
    synchronized (lock) {
      List<Node> known = new ArrayList<>();
      for (FileNode file = byKey.get(key); file != null; file = file.nextOfKey()) {
        known.add(file);
      }
      Node collection = byIdentity.get(new Identity.OfCollection(key));
      if (collection != null) {
        known.add(collection);
      }
      known.removeIf(Node::isForgotten);
      return known;
    }
  }

  /** The files whose content is in the backend. */
  List<Node> files() {
    synchronized (lock) {
      return byId.values().stream()
          .filter(node -> node instanceof FileNode || node instanceof CollectionNode)
          .toList();
    }
  }

  /** Whether a node stands for what it is said to, and no other has taken its place. */
  boolean isNamed(Node node) {
    synchronized (lock) {
      return byIdentity.get(node.identity()) == node;
    }
  }

  int size() {
    synchronized (lock) {
      return byId.size();
    }
  }

  private Node make(Identity identity) {
    long id = ++lastId;
    long inode = identity.inode();
    if (byInode.containsKey(inode)) {
      inode = ++lastSpareInode;
    }
    if (identity instanceof Identity.OfDirectory directory) {
      return new DirectoryNode(id, inode, directory, directories, since);
    }
    if (identity instanceof Identity.OfCell cell) {
      return new FileNode(id, inode, cell, files, since, store);
    }
    if (identity instanceof Identity.OfScratch scratch) {
      return new ScratchNode(id, inode, scratch, files, store.now());
    }
    if (identity instanceof Identity.OfLink link) {
      return new SymlinkNode(id, inode, link, files, store.now());
    }
    return new CollectionNode(id, inode, (Identity.OfCollection) identity, collections, since);
  }

  private void letGoIfIdle(Node node) {
    boolean named = byIdentity.get(node.identity()) == node;
    if (node.id() == FileSystem.ROOT) {
      return;
    }
    if (named && isFollowed(node)) {
      if (node.isIdle()) {
        keepForAWhile(node);
      }
    } else if (named ? node.endIfIdle() : node.endIfUnknown()) {
      letGo(node);
    }
  }

  /**
   * Whether its time follows what others change: it is known what the file held, or the directory
   * was listed.
   */
  private static boolean isFollowed(Node node) {
    return (node instanceof FileNode file && file.knownVersion().isPresent())
        || (node instanceof DirectoryNode directory && directory.isFollowed());
  }

  /**
   * So that its time changes if it is changed, or stays what it was, also when the kernel has
   * forgotten it meanwhile, as it does because of such a change.
   */
  private void keepForAWhile(Node node) {
    forgotten.remove(node.id());
    forgotten.put(node.id(), node);
    if (forgotten.size() > MOST_FORGOTTEN) {
      Node oldest = forgotten.values().iterator().next();
      forgotten.remove(oldest.id());
      if (oldest.endIfIdle()) {
        letGo(oldest);
      }
    }
  }

  private void letGo(Node node) {
    byId.remove(node.id(), node);
    byInode.remove(node.inode(), node);
    forgotten.remove(node.id());
    unname(node);
  }

  private static Bytes keyOf(Identity identity) {
    if (identity instanceof Identity.OfDirectory directory) {
      return directory.stem();
    }
    if (identity instanceof Identity.OfCell of) {
      return of.cell().key();
    }
    if (identity instanceof Identity.OfScratch scratch) {
      return scratch.stem();
    }
    if (identity instanceof Identity.OfLink link) {
      return link.stem();
    }
    return ((Identity.OfCollection) identity).key();
  }

  private static Identity withKey(Identity identity, Bytes key) {
    if (identity instanceof Identity.OfDirectory) {
      return new Identity.OfDirectory(key);
    }
    if (identity instanceof Identity.OfCell of) {
      return new Identity.OfCell(
          of.cell() instanceof Cell.FieldCell field
              ? Cell.field(key, field.field())
              : Cell.string(key));
    }
    if (identity instanceof Identity.OfScratch scratch) {
      return new Identity.OfScratch(key, scratch.name());
    }
    if (identity instanceof Identity.OfLink link) {
      return new Identity.OfLink(key, link.name(), link.target());
    }
    return new Identity.OfCollection(key);
  }
}
