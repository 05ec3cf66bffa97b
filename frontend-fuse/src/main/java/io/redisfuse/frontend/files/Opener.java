package io.redisfuse.frontend.files;

import java.util.Optional;

/**
 * Opens what has content.
 *
 * <p>Called with the names' lock held.
 */
final class Opener {

  /** A file that is opened while it is replaced is looked for so often. */
  private static final int TRIES = 3;

  private final Store store;
  private final NodeTable nodes;
  private final Settlement settlement;
  private final Backups backups;
  private final ScratchFiles scratch;

  Opener(
      Store store, NodeTable nodes, Settlement settlement, Backups backups, ScratchFiles scratch) {
    this.store = store;
    this.nodes = nodes;
    this.settlement = settlement;
    this.backups = backups;
    this.scratch = scratch;
  }

  /** Opens a node that is held, which is dropped when that is released. */
  Opened open(Node held, OpenMode mode, Caller caller) {
    if (held instanceof DirectoryNode) {
      throw new FsException(FsError.IS_DIRECTORY, "A directory is not opened as a file.");
    }
    if (held instanceof SymlinkNode) {
      throw new FsException(FsError.LOOP, "A symbolic link is not opened as a file.");
    }
    if (held instanceof CollectionNode collection) {
      requireReading(collection, mode);
      return new OpenedCollection(collection, store.text(collection), nodes);
    }
    Optional<ProcessId> process = store.processes().of(caller.thread());
    if (held instanceof ScratchNode local) {
      if (mode.truncates() && mode.writes()) {
        backups.begin(local, process);
        local.resize(0);
        scratch.written(local);
      }
      return new OpenedScratch(local, mode, process, scratch, nodes);
    }
    return open((FileNode) held, mode, process);
  }

  /**
   * Opens a file that is held. One that has just been replaced, after the kernel had looked it up,
   * is the one that replaced it.
   */
  private Opened open(FileNode held, OpenMode mode, Optional<ProcessId> process) {
    if (held.wasExchanged() && held.file().locked(held.file()::isDetached)) {
      throw Settlement.overtaken(held.cell().key());
    }
    for (int tries = 0; tries < TRIES && held.file().locked(held.file()::isDetached); tries++) {
      FileNode next = (FileNode) nodes.lookUp(held.identity());
      nodes.hold(next.id());
      nodes.forget(next.id(), 1);
      try {
        Handle handle = opened(next, mode, process);
        // The kernel caches what it reads under the old node, which others read, too.
        handle.bypassCache();
        nodes.drop(held);
        return new OpenedCell(handle, store, nodes, settlement);
      } catch (FsException e) {
        nodes.drop(next);
        if (e.error() != FsError.STALE || next == held) {
          throw e;
        }
      } catch (RuntimeException e) {
        nodes.drop(next);
        throw e;
      }
    }
    return new OpenedCell(opened(held, mode, process), store, nodes, settlement);
  }

  private Handle opened(FileNode node, OpenMode mode, Optional<ProcessId> process) {
    Handle handle = new Handle(node, mode, process, store.readings().of(process, node.cell()));
    node.file().locked(() -> node.file().open(handle));
    return handle;
  }

  /** {@code truncate(2)}: as if the process had the file open for that alone. */
  void resize(Node node, long size, Caller caller) {
    OpenMode mode = OpenMode.of(OpenMode.Flag.WRITE);
    nodes.hold(node.id());
    Opened opened;
    try {
      opened = open(node, mode, caller);
    } catch (RuntimeException e) {
      nodes.drop(node);
      throw e;
    }
    try {
      opened.resize(size);
      opened.save();
    } finally {
      opened.release();
    }
  }

  private static void requireReading(CollectionNode collection, OpenMode mode) {
    if (mode.writes() || mode.truncates()) {
      throw new FsException(
          FsError.ACCESS,
          "The key "
              + collection.key()
              + " is a collection, which is shown as text but cannot be written; use redis-cli.");
    }
  }
}
