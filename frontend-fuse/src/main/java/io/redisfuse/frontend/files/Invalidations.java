package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.LiveIndex;
import java.util.function.BiPredicate;

/**
 * Tells a {@link KernelCache} what changes have outdated: names, and what was said and read of
 * nodes. Until there is one, nothing is noted and nothing costs anything.
 *
 * <p>Safe for threads; returns at once.
 */
final class Invalidations implements ChangeListener, AutoCloseable {

  private final NodeTable nodes;
  private final CachedListings listings;
  private final CachedNames names;
  private final VanishingDirectories vanishing;
  private final DoubtedNames doubtedNames;
  private volatile KernelCache cache;

  /**
   * @param isLocal whether what a name in a directory stands for is decided on this machine alone
   */
  Invalidations(
      LiveIndex index,
      Keyspace keyspace,
      NodeTable nodes,
      CachedListings listings,
      Directories directories,
      BiPredicate<DirectoryNode, Bytes> isLocal) {
    this.nodes = nodes;
    this.listings = listings;
    this.names = new CachedNames(keyspace, listings, nodes::isForgotten);
    this.vanishing = new VanishingDirectories(index, names::gone);
    this.doubtedNames =
        new DoubtedNames(
            index,
            directories,
            nodes,
            name -> isLocal.test(name.directory().directory(), name.name()),
            names::outdate);
  }

  CachedNames names() {
    return names;
  }

  void tell(KernelCache who) {
    if (cache != null) {
      throw new IllegalStateException("There is a cache already.");
    }
    listings.tell(who);
    names.tell(who, vanishing::doubt, doubtedNames::doubt);
    cache = who;
    vanishing.start();
    doubtedNames.start();
  }

  /** The kernel knows a node no more, unless it has just asked for it again. */
  void forgotten(Node node) {
    names.forgotten(node);
    if (node instanceof DirectoryNode directory && nodes.isForgotten(directory)) {
      listings.forgotten(directory);
    }
  }

  @Override
  public void changed(Bytes key) {
    KernelCache told = cache;
    if (told != null) {
      names.changed(key);
      nodes.knownOfKey(key).stream()
          .filter(Invalidations::isRelied)
          .forEach(node -> told.invalidate(node.id()));
    }
  }

  /**
   * Whether the kernel relies on anything that it was told or has read of a node. What it keeps of
   * a file that nobody has open for reading does not count: at the next open it is compared.
   */
  private static boolean isRelied(Node node) {
    boolean isRead =
        !(node instanceof FileNode file)
            || file.usedFile().filter(OpenFile::isProbablyRead).isPresent();
    boolean wasTold = node.takeTold();
    return wasTold || isRead;
  }

  @Override
  public void reset() {
    KernelCache told = cache;
    if (told != null) {
      names.reset();
      nodes.files().forEach(node -> told.invalidate(node.id()));
    }
  }

  @Override
  public void close() {
    vanishing.close();
    doubtedNames.close();
  }
}
