package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks paths as a kernel does that relies on every answer for as long as it may: it asks only for
 * what it does not remember, and forgets what it is told to.
 */
final class RememberingKernel implements KernelCache {

  private record Place(long parent, Bytes name) {}

  /** What was listed, and the time that the directory had before. */
  private record Listing(Instant modified, List<String> names) {}

  private final FileSystem files;

  /** Guarded by this, like all below. */
  private final Map<Place, Optional<Long>> names = new HashMap<>();

  private final Map<Long, Attributes> attributes = new HashMap<>();
  private final Map<Long, Listing> listings = new HashMap<>();
  private int asked;
  private int listed;

  /** What was let go of while a question was on its way, which has no answer yet. */
  private int lettingGo;

  RememberingKernel(FileSystem files) {
    this.files = files;
    files.tell(this);
  }

  /** What is at a path, in words; asks only for what is not remembered. */
  String at(String path) {
    long node = FileSystem.ROOT;
    for (String part : List.of(path.split("/"))) {
      Optional<Long> next = child(node, Bytes.utf8(part));
      if (next.isEmpty()) {
        return "nothing";
      }
      node = next.get();
    }
    try {
      return words(attributesOf(node));
    } catch (FsException e) {
      // It has gone; of its name the kernel is told next.
      return "nothing";
    }
  }

  /**
   * What is in a directory; asks only if that is not remembered, or the directory's time is another
   * than before it was listed.
   */
  List<String> in(String path) {
    long node = FileSystem.ROOT;
    for (String part : List.of(path.split("/"))) {
      Optional<Long> next = part.isEmpty() ? Optional.of(node) : child(node, Bytes.utf8(part));
      if (next.isEmpty()) {
        return List.of("nothing");
      }
      node = next.get();
    }
    try {
      long handle = files.openDirectory(node, Workspace.ME);
      try {
        return in(node, handle);
      } finally {
        files.releaseDirectory(handle);
      }
    } catch (FsException e) {
      // It is none, or has gone.
      return List.of("nothing");
    }
  }

  private List<String> in(long node, long handle) {
    boolean caches = files.cachesEntries(handle);
    Listing known;
    synchronized (this) {
      if (!files.keepsEntries(handle)) {
        listings.remove(node);
      }
      known = listings.get(node);
    }
    Instant modified = attributesOf(node).modified();
    if (known != null && known.modified().equals(modified)) {
      return known.names();
    }
    List<DirectoryEntry> entries = files.entries(handle, FileSystem.ListedFrom.START).entries();
    for (DirectoryEntry entry : entries) {
      child(node, entry.name());
    }
    List<String> names = entries.stream().map(entry -> entry.name().toUtf8()).sorted().toList();
    synchronized (this) {
      listed++;
      if (caches) {
        listings.put(node, new Listing(modified, names));
      }
    }
    return names;
  }

  /** How often it had to list a directory. */
  synchronized int listed() {
    return listed;
  }

  static String words(Attributes attributes) {
    return attributes.kind() == FileKind.DIRECTORY
        ? "a directory"
        : attributes.size() + " bytes, inode " + attributes.inode();
  }

  private Optional<Long> child(long parent, Bytes name) {
    Place place = new Place(parent, name);
    int before;
    synchronized (this) {
      Optional<Long> known = names.get(place);
      if (known != null) {
        return known;
      }
      asked++;
      before = lettingGo;
    }
    Looked looked;
    try {
      looked = files.look(parent, name);
    } catch (FsException e) {
      // The parent has gone meanwhile.
      return Optional.empty();
    }
    Optional<Long> node = looked.attributes().map(Attributes::node);
    synchronized (this) {
      // A kernel lets go of an answer that it gets later only when it has it.
      if (before == lettingGo) {
        if (looked.validNanos() == Attributes.UNTIL_TOLD) {
          names.put(place, node);
        }
        looked
            .attributes()
            .filter(said -> said.validNanos() == Attributes.UNTIL_TOLD && looked.validNanos() > 0)
            .ifPresent(said -> attributes.put(said.node(), said));
      }
    }
    return node;
  }

  private Attributes attributesOf(long node) {
    int before;
    synchronized (this) {
      Attributes known = attributes.get(node);
      if (known != null) {
        return known;
      }
      asked++;
      before = lettingGo;
    }
    Attributes said = files.attributes(node, Workspace.ME);
    synchronized (this) {
      if (said.validNanos() == Attributes.UNTIL_TOLD && before == lettingGo) {
        attributes.put(node, said);
      }
    }
    return said;
  }

  /** How often it had to ask. */
  synchronized int asked() {
    return asked;
  }

  @Override
  public synchronized void invalidate(long node) {
    lettingGo++;
    attributes.remove(node);
  }

  @Override
  public void invalidateAttributes(long node) {
    invalidate(node);
  }

  @Override
  public long epoch() {
    return 0;
  }

  @Override
  public synchronized void invalidate(long parent, Bytes name, long node) {
    lettingGo++;
    names.remove(new Place(parent, name));
    attributes.remove(node);
  }

  @Override
  public boolean catchUp(Duration bound) {
    return true;
  }

  @Override
  public boolean store(long node, Bytes content) {
    return false;
  }

  @Override
  public boolean isSettled(long node) {
    return true;
  }
}
