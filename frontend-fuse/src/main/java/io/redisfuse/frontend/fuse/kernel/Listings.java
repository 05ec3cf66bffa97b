package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.DirectoryEntry;
import io.redisfuse.frontend.files.EntryList;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.FsException;
import io.redisfuse.frontend.files.Looked;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers requests for parts of listings: {@code struct fuse_read_in}: fh, offset, size, … */
final class Listings {

  private final FileSystem files;
  private final Notifier notifier;

  Listings(FileSystem files, Notifier notifier) {
    this.files = files;
    this.notifier = notifier;
  }

  /** Names alone. */
  void read(Request request, Reply reply) {
    long offset = request.u64(8);
    ByteBuffer into = reply.content(request.u32(16));
    if (offset < 0) {
      reply.fail(Errno.EINVAL);
      return;
    }
    if (!Dirents.fill(into, offset, inode(request, offset), entries(request, offset))) {
      reply.fail(Errno.EINVAL);
    }
  }

  /**
   * Names with what a lookup of each would say: a {@code struct fuse_direntplus} is a {@code struct
   * fuse_entry_out} before a {@code struct fuse_dirent}. Each counts as a lookup; an entry without
   * a node is looked up by the kernel when it needs it.
   */
  Operations.Undo readWithAttributes(Request request, Reply reply) {
    long offset = request.u64(8);
    ByteBuffer into = reply.content(request.u32(16));
    int start = into.position();
    if (offset < 0) {
      reply.fail(Errno.EINVAL);
      return Operations.Undo.NOTHING;
    }
    EntryList entries = entries(request, offset);
    long inode = inode(request, offset);
    List<Long> nodes = new ArrayList<>();
    boolean asks = true;
    for (long at = Dirents.position(offset, entries); at < Dirents.end(entries); at++) {
      DirectoryEntry entry = Dirents.entry(at, inode, entries);
      if (into.remaining() < Reply.ENTRY_BYTES + Dirents.length(entry)) {
        if (into.position() == start) {
          reply.fail(Errno.EINVAL);
        }
        break;
      }
      Optional<Looked> looked = Optional.empty();
      if (asks && !Dirents.isDots(at) && !entry.isCostly()) {
        looked = look(request, entry);
        // Who cannot say it of one would let the caller wait as long for the next one.
        asks = looked.isPresent();
      }
      Optional<Attributes> attributes = looked.flatMap(Looked::attributes);
      if (attributes.isPresent()) {
        nodes.add(attributes.get().node());
        reply.entry(attributes.get(), notifier.nanosOfName(looked.get()));
      } else {
        if (looked.isPresent()) {
          // It has gone since the directory was listed. Here the kernel is not told so.
          notifier.invalidate(request.node(), entry.name(), 0);
        }
        reply.noEntry(0);
      }
      Dirents.add(into, entry, Dirents.offset(at + 1, entries));
    }
    return () -> nodes.forEach(node -> files.forget(node, 1));
  }

  private Optional<Looked> look(Request request, DirectoryEntry entry) {
    try {
      return Optional.of(files.look(request.node(), entry.name()));
    } catch (FsException e) {
      Failures.log("listing of node " + request.node(), e);
      return Optional.empty();
    }
  }

  private EntryList entries(Request request, long offset) {
    return files.entries(
        request.u64(0), offset == 0 ? FileSystem.ListedFrom.START : FileSystem.ListedFrom.WITHIN);
  }

  /** Only the first part of a listing holds the directory itself. */
  private long inode(Request request, long offset) {
    return offset == 0 ? files.attributes(request.node(), request.caller()).inode() : 0;
  }
}
