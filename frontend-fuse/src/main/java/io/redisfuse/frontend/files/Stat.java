package io.redisfuse.frontend.files;

import io.redisfuse.api.CellStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Says the attributes of nodes. Safe for threads. */
final class Stat {

  private final Store store;
  private final Watched watched;

  Stat(Store store, Watched watched) {
    this.store = store;
    this.watched = watched;
  }

  /**
   * The attributes that who has no handle sees.
   *
   * @param knownSize the size that the backend has just said, if it was asked
   */
  Attributes of(Node node, OptionalLong knownSize) {
    return of(node, knownSize, Optional::empty);
  }

  /**
   * The attributes that a process sees, which may have the file open.
   *
   * @param process who asks; asked for only if anybody has it open
   */
  Attributes of(Node node, Supplier<Optional<ProcessId>> process) {
    return of(node, OptionalLong.empty(), process);
  }

  private Attributes of(Node node, OptionalLong knownSize, Supplier<Optional<ProcessId>> process) {
    if (node instanceof DirectoryNode) {
      return node.attributes(0);
    }
    if (node instanceof SymlinkNode link) {
      return link.attributes(link.target().length());
    }
    if (node instanceof ScratchNode local) {
      return local.attributes(local.size());
    }
    if (node instanceof CollectionNode collection) {
      Content text = store.text(collection);
      try {
        return node.attributes(text.size());
      } finally {
        text.close();
      }
    }
    FileNode file = (FileNode) node;
    watched.look(file);
    Optional<OpenFile> used = file.usedFile();
    if (used.isEmpty()) {
      return file.said(knownSize.orElseGet(() -> sizeInBackend(file)));
    }
    OpenFile content = used.get();
    Optional<ProcessId> reader = content.isProbablyOpen() ? process.get() : Optional.empty();
    return content.locked(
        () -> {
          OptionalLong read = reader.map(content::sizeReadBy).orElse(OptionalLong.empty());
          Attributes said =
              file.said(read.isPresent() ? read.getAsLong() : sizeOf(file, knownSize));
          return content.isOpen() ? said.whileOpen() : said;
        });
  }

  private long sizeOf(FileNode node, OptionalLong knownSize) {
    OpenFile file = node.file();
    if (file.isDirty() || file.isDetached()) {
      return file.sizeNow();
    }
    if (knownSize.isPresent()) {
      return knownSize.getAsLong();
    }
    return sizeInBackend(node);
  }

  private long sizeInBackend(FileNode node) {
    CellStatus status = store.backend().describe(List.of(node.cell())).get(node.cell());
    if (status == null || status.size().isEmpty()) {
      throw new FsException(FsError.NO_ENTRY, "The " + node.cell() + " does not exist.");
    }
    return status.size().getAsLong();
  }
}
