package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.frontend.conflicts.KeptText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/**
 * A file that lives on this machine only. It may show what a cell held, as the backup of an editor,
 * or a text that is kept.
 *
 * <p>Its content is guarded by the node itself, and goes when the name and all handles have gone.
 */
final class ScratchNode extends Node {

  /** What a backup was made of. */
  record Backup(Cell cell, Version version) {}

  private static final int PART = 64 << 10;

  private final Content content = Content.empty();
  private Optional<Backup> backup = Optional.empty();
  private Optional<KeptText> kept = Optional.empty();
  private Optional<Handle> source = Optional.empty();
  private boolean changed;
  private boolean removed;
  private int handles;

  ScratchNode(
      long id, long inode, Identity.OfScratch identity, Ownership ownership, Instant since) {
    super(id, inode, identity, ownership, since);
  }

  @Override
  FileKind kind() {
    return FileKind.FILE;
  }

  /** The content is what a cell held, all of it. */
  synchronized void holds(Content source, Backup of) {
    content.append(source);
    backup = Optional.of(of);
  }

  /** The cell whose content this was when its name was given to this file, if it was. */
  synchronized Optional<Backup> backup() {
    return backup;
  }

  /** The content is a kept text. */
  synchronized void shows(KeptText text) {
    kept = Optional.of(text);
  }

  synchronized Optional<KeptText> kept() {
    return kept;
  }

  /** The content is being made while this handle is open for reading, perhaps from its file. */
  synchronized void madeFrom(Handle handle) {
    source = Optional.of(handle);
  }

  /** The version of a cell that the content was made from, if it may have been. */
  synchronized Optional<Version> madeFrom(Cell cell) {
    return source.filter(handle -> handle.node().cell().equals(cell)).flatMap(Handle::seen);
  }

  /** Whether anything was written here since it was made. */
  synchronized boolean isChanged() {
    return changed;
  }

  synchronized long size() {
    return kept.map(KeptText::size).orElseGet(content::size);
  }

  /** Reads what is there from {@code offset} on; returns the number of bytes, 0 at the end. */
  synchronized int read(long offset, ByteBuffer into) {
    requireThere();
    return kept.isPresent() ? readKept(kept.get(), offset, into) : content.read(offset, into);
  }

  private static int readKept(KeptText text, long offset, ByteBuffer into) {
    try (FileChannel file = FileChannel.open(text.file(), StandardOpenOption.READ)) {
      int start = into.position();
      long at = offset;
      while (into.hasRemaining()) {
        int n = file.read(into, at);
        if (n < 0) {
          break;
        }
        at += n;
      }
      return into.position() - start;
    } catch (NoSuchFileException e) {
      throw new FsException(
          FsError.STALE, "The kept text " + text.id() + " has been dropped meanwhile.", e);
    } catch (IOException e) {
      throw new FsException(
          FsError.IO, "The kept text " + text.id() + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  synchronized int write(OpenMode mode, long offset, ByteBuffer from) {
    requireWritable();
    int length = from.remaining();
    content.write(mode.appends() ? content.size() : offset, from);
    changed = true;
    return length;
  }

  synchronized void resize(long size) {
    requireWritable();
    content.resize(size);
    changed = true;
  }

  /** Without a name and a handle it has no content, which is not to be taken for an empty one. */
  private void requireThere() {
    if (isClosed()) {
      throw new FsException(
          FsError.STALE,
          ScratchFiles.nameOf(identity()) + " has become another file; open it again.");
    }
  }

  private boolean isClosed() {
    return removed && handles == 0;
  }

  private void requireWritable() {
    requireThere();
    if (kept.isPresent()) {
      throw new FsException(
          FsError.ACCESS,
          "The kept text "
              + kept.get().id()
              + " cannot be changed; move it over its file to save it, or remove it.");
    }
  }

  /** A copy of the content, which the caller closes. */
  synchronized Content copy() {
    Content copy = Content.empty();
    ByteBuffer part = ByteBuffer.allocate(PART);
    for (int n = read(0, part); n > 0; n = read(copy.size(), part)) {
      copy.write(copy.size(), part.flip());
      part.clear();
    }
    return copy;
  }

  synchronized int heapBytes() {
    return content.heapBytes();
  }

  synchronized void leaveHeap() {
    content.leaveHeap();
  }

  synchronized void opened() {
    requireThere();
    handles++;
  }

  synchronized void released() {
    handles--;
    closeIfUnused();
  }

  /** The name has gone. */
  synchronized void removed() {
    removed = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (isClosed()) {
      content.close();
    }
  }
}
