package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A file whose content is a cell. */
final class FileNode extends Node {

  /** Nobody takes longer from looking a name up to opening what it meant. */
  private static final Duration LOOKED_UP = Duration.ofSeconds(10);

  private record Former(Cell cell, Optional<ProcessId> by, Instant since) {}

  private final Store store;

  /** Made when it is first needed, since most nodes are only looked at. */
  private volatile OpenFile file;

  /** What this file was before it was exchanged, if it ever was. */
  private volatile Former former;

  /** Another file of the same key; guarded by the {@link NodeTable}. */
  private FileNode nextOfKey;

  private final AtomicReference<Version> known = new AtomicReference<>();
  private volatile boolean doubtful;
  private volatile long resetsSeen;
  private volatile long saidSize = -1;

  FileNode(
      long id,
      long inode,
      Identity.OfCell identity,
      Ownership ownership,
      Instant since,
      Store store) {
    super(id, inode, identity, ownership, since);
    this.store = store;
  }

  @Override
  FileKind kind() {
    return FileKind.FILE;
  }

  Cell cell() {
    return ((Identity.OfCell) identity()).cell();
  }

  /** The content is of this version now; if that is another than was known, others changed it. */
  void sawVersion(Version now, Instant when) {
    Version before = known.getAndSet(now);
    if (before != null && !before.equals(now)) {
      changedByOthers(when);
    }
  }

  /** The attributes with this size, which is what programs are told. */
  Attributes said(long size) {
    saidSize = size;
    return attributes(size);
  }

  /** The size that programs were last told, or -1. */
  long saidSize() {
    return saidSize;
  }

  /** Others may have changed the content since it was looked at. */
  void doubt() {
    doubtful = true;
    usedFile().ifPresent(OpenFile::doubt);
  }

  /**
   * Whether others may have changed the content; says so once.
   *
   * @param resets how often everything may have changed since the mount began
   */
  boolean takeDoubt(long resets) {
    boolean was = doubtful || resets != resetsSeen;
    doubtful = false;
    resetsSeen = resets;
    return was;
  }

  /** This mount has saved this version. */
  void savedVersion(Version now) {
    known.set(now);
  }

  /** This mount has changed the content, and does not know to what. */
  void forgetVersion() {
    known.set(null);
  }

  /** The version of the content when it was last looked at, if it ever was. */
  Optional<Version> knownVersion() {
    return Optional.ofNullable(known.get());
  }

  /** What is shared by all handles of the file. */
  OpenFile file() {
    OpenFile used = file;
    if (used == null) {
      synchronized (this) {
        used = file;
        if (used == null) {
          used = new OpenFile(this, store);
          file = used;
        }
      }
    }
    return used;
  }

  /** The same, if there ever was a handle, or something else to be kept. */
  Optional<OpenFile> usedFile() {
    return Optional.ofNullable(file);
  }

  /** The file has become another one's cell, in exchange for that. */
  void exchanged(Cell before, Optional<ProcessId> by) {
    former = new Former(before, by, store.now());
  }

  /** Whether it was ever exchanged: then nobody knows by which name somebody has looked it up. */
  boolean wasExchanged() {
    return former != null;
  }

  /**
   * What a process that opens the file now may take it for: it may have looked it up before it was
   * exchanged, unless it did that itself.
   */
  Optional<Cell> formerCell(Optional<ProcessId> process) {
    return Optional.ofNullable(former)
        .filter(was -> !was.by().equals(process))
        .filter(was -> store.now().isBefore(was.since().plus(LOOKED_UP)))
        .map(Former::cell);
  }

  FileNode nextOfKey() {
    return nextOfKey;
  }

  void nextOfKey(FileNode next) {
    nextOfKey = next;
  }
}
