package io.redisfuse.frontend.files;

import io.redisfuse.api.CellStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Says the attributes of nodes. Safe for threads. */
final class Stat {

  private final Store store;
  private final NodeTable nodes;
  private final Watched watched;

  /** What is known of a cell, if the backend was asked. */
  private record Known(OptionalLong size, Optional<Duration> ttl) {
    static final Known NOTHING = new Known(OptionalLong.empty(), Optional.empty());
  }

  Stat(Store store, NodeTable nodes, Watched watched) {
    this.store = store;
    this.nodes = nodes;
    this.watched = watched;
  }

  /** The attributes that who has no handle sees. */
  Attributes of(Node node) {
    return of(node, Known.NOTHING, Optional::empty);
  }

  /**
   * The attributes that who has no handle sees.
   *
   * @param found what the backend has just said of it
   */
  Attributes of(Node node, Found found) {
    return of(node, new Known(found.size(), found.ttl()), Optional::empty);
  }

  /**
   * The attributes that a process sees, which may have the file open.
   *
   * @param process who asks; asked for only if anybody has it open
   */
  Attributes of(Node node, Supplier<Optional<ProcessId>> process) {
    return of(node, Known.NOTHING, process);
  }

  private Attributes of(Node node, Known known, Supplier<Optional<ProcessId>> process) {
    node.telling();
    if (node instanceof DirectoryNode) {
      return node.attributes(0);
    }
    if (node instanceof SymlinkNode link) {
      return link.attributes(link.target().length()).fleeting();
    }
    if (node instanceof ScratchNode local) {
      return local.attributes(local.size()).fleeting();
    }
    boolean isFollowed = isFollowed(node);
    if (node instanceof CollectionNode collection) {
      Content text = store.text(collection);
      try {
        return validFor(isFollowed, known, node.attributes(text.size()));
      } finally {
        text.close();
      }
    }
    FileNode file = (FileNode) node;
    watched.look(file);
    Optional<OpenFile> used = file.usedFile();
    if (used.isEmpty()) {
      Known now = orAsk(file, known);
      return validFor(isFollowed, now, file.said(now.size().getAsLong()));
    }
    OpenFile content = used.get();
    Optional<ProcessId> reader = content.isProbablyOpen() ? process.get() : Optional.empty();
    return content.locked(
        () -> {
          OptionalLong read = reader.map(content::sizeReadBy).orElse(OptionalLong.empty());
          if (content.isDirty() || content.isDetached()) {
            return file.said(read.orElseGet(content::sizeNow)).fleeting();
          }
          boolean isLasting = isFollowed && content.isOfOneContent();
          if (read.isPresent()) {
            return validFor(isLasting, known, file.said(read.getAsLong()));
          }
          Known now = orAsk(file, known);
          return validFor(isLasting, now, file.said(now.size().getAsLong()));
        });
  }

  /** Whether it would be told if others changed the file after this. */
  private boolean isFollowed(Node node) {
    return store.index().isLive() && nodes.isNamed(node);
  }

  private static Attributes validFor(boolean isFollowed, Known known, Attributes said) {
    if (!isFollowed) {
      return said.fleeting();
    }
    return known.ttl().map(ttl -> said.validFor(ttl.toNanos())).orElse(said);
  }

  private Known orAsk(FileNode node, Known known) {
    return known.size().isPresent() ? known : ask(node);
  }

  private Known ask(FileNode node) {
    CellStatus status = store.backend().describe(List.of(node.cell())).get(node.cell());
    if (status == null || status.size().isEmpty()) {
      throw new FsException(FsError.NO_ENTRY, "The " + node.cell() + " does not exist.");
    }
    return new Known(status.size(), status.ttl());
  }
}
