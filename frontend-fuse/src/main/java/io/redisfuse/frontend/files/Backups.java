package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Optional;

/**
 * What is known of the backups that editors make before they save, as scratch files: which reading
 * was for a backup only, and which file an editor is about to put back.
 *
 * <p>Safe for threads; has no state of its own.
 */
final class Backups {

  private final Store store;
  private final Directories directories;
  private final ScratchFiles scratch;
  private final Settlement settlement;
  private final Handles handles;

  Backups(
      Store store,
      Directories directories,
      ScratchFiles scratch,
      Settlement settlement,
      Handles handles) {
    this.store = store;
    this.directories = directories;
    this.scratch = scratch;
    this.settlement = settlement;
    this.handles = handles;
  }

  /**
   * A process begins a scratch file: if that is the backup of a file which it has open for reading,
   * it reads it for that purpose, and has not seen it. If it is not a backup but the new text, it
   * was made from what was read so.
   */
  void begin(ScratchNode begun, Optional<ProcessId> process) {
    if (process.isEmpty()) {
      return;
    }
    for (Opened opened : handles.files()) {
      if (opened instanceof OpenedCell cell) {
        Handle handle = cell.handle();
        if (handle.process().equals(process)
            && !handle.mode().writes()
            && isBackupOf(handle.node().cell(), begun.identity())) {
          begun.madeFrom(handle);
          OpenFile file = handle.node().file();
          file.locked(() -> file.readForBackup(handle));
        }
      }
    }
  }

  private boolean isBackupOf(Cell cell, Identity begun) {
    return store.keyspace().parentStem(cell.key()).equals(ScratchFiles.stemOf(begun))
        && BackupNames.isBackup(ScratchFiles.nameOf(begun), directories.plainName(cell));
  }

  /**
   * A process begins to read a file of which it knows something else, or was told of by a
   * rejection: whether it does so for a backup that it is writing in another directory, or as an
   * ordinary file.
   */
  boolean isMakingOne(Handle reading) {
    Bytes original = directories.plainName(reading.node().cell());
    return store
        .processes()
        .isWriting(
            reading.process().orElseThrow(), name -> BackupNames.isBackupElsewhere(name, original));
  }

  /**
   * A scratch file is removed: if an ordinary file has just become it, that is removed.
   *
   * @throws FsException {@link FsError#STALE} if it has become an ordinary file meanwhile
   */
  void removed(Node node) {
    entryOf(node.identity()).ifPresent(settlement::settleRemoved);
    requireThere(node);
  }

  /**
   * @throws FsException {@link FsError#STALE} if the scratch file has become an ordinary one
   */
  void requireThere(Node node) {
    if (!scratch.has(node)) {
      throw Settlement.overtaken(ScratchFiles.nameOf(node.identity()));
    }
  }

  /** The name that an ordinary file had until it became this scratch file, if it is not given. */
  Optional<Withheld.Entry> entryOf(Identity identity) {
    if (!(identity instanceof Identity.OfScratch of)) {
      return Optional.empty();
    }
    return scratch
        .find(of.stem(), of.name())
        .flatMap(
            node ->
                settlement.all().stream()
                    .filter(entry -> entry.backup().filter(b -> b == node).isPresent())
                    .findFirst());
  }

  /**
   * Whether a process that removes a file is going to put its backup in its place: it has just been
   * told that its save was rejected, and has a backup that it made by a rename.
   */
  boolean isPutBackSoon(Cell cell, ProcessId process) {
    boolean told =
        store
            .readings()
            .of(Optional.of(process), cell)
            .flatMap(Seen::rejection)
            .filter(rejection -> rejection.mayBePutBack(store.now()))
            .isPresent();
    return told && scratch.hasBackupOf(cell);
  }
}
