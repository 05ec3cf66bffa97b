package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
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

  private final FileSystem files;

  /** Guarded by this, like all below. */
  private final Map<Place, Optional<Long>> names = new HashMap<>();

  private final Map<Long, Attributes> attributes = new HashMap<>();
  private int asked;

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
  public synchronized void invalidate(long parent, Bytes name, long node) {
    lettingGo++;
    names.remove(new Place(parent, name));
    attributes.remove(node);
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
