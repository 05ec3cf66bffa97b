package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.AttributeChange;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Created;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.Looked;
import io.redisfuse.frontend.files.OpenMode;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Does what requests ask for, and lays out what they get. Offsets are those of the structures of
 * {@code linux/fuse.h} that are named beside them.
 */
final class Operations {

  private static final int PERMISSIONS = 07777;
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;

  /** {@code FUSE_GETATTR_FH}. */
  private static final int BY_HANDLE = 1;

  /** {@code FOPEN_DIRECT_IO}. */
  private static final int DIRECT_IO = 1;

  /** {@code FOPEN_KEEP_CACHE}: else the kernel drops what it has cached. */
  private static final int KEEP_CACHE = 1 << 1;

  /** {@code FOPEN_CACHE_DIR}: the kernel keeps what is listed. */
  private static final int CACHE_DIR = 1 << 3;

  /**
   * {@code FOPEN_NOFLUSH}: nothing is to be saved at a close. Kernels that do not know it flush.
   */
  private static final int NO_FLUSH = 1 << 5;

  /** {@code RENAME_NOREPLACE} of {@code linux/fs.h}. */
  private static final int RENAME_TO_FREE = 1;

  /** {@code RENAME_EXCHANGE}. */
  private static final int EXCHANGE = 1 << 1;

  /** {@code FATTR_…}. */
  private static final int SET_MODE = 1;

  private static final int SET_OWNER = 1 << 1;
  private static final int SET_GROUP = 1 << 2;
  private static final int SET_SIZE = 1 << 3;
  private static final int SET_ACCESSED = 1 << 4;
  private static final int SET_MODIFIED = 1 << 5;
  private static final int SET_BY_HANDLE = 1 << 6;
  private static final int SET_ACCESSED_NOW = 1 << 7;
  private static final int SET_MODIFIED_NOW = 1 << 8;

  private final FileSystem files;
  private final Listings listings;
  private final Clock clock;
  private final LockRequests locks;
  private final Notifier notifier;

  /**
   * @param notifier tells the kernel what it must ask for again
   */
  Operations(FileSystem files, LockRequests locks, Clock clock, Notifier notifier) {
    this.locks = locks;
    this.files = files;
    this.listings = new Listings(files, notifier);
    this.clock = clock;
    this.notifier = notifier;
  }

  /**
   * Something that was handed over with a reply, to be taken back if the kernel does not take the
   * reply.
   */
  interface Undo {
    Undo NOTHING = () -> {};

    /** There is no reply yet: somebody else sends it. */
    Undo ANSWERED_LATER =
        new Undo() {
          @Override
          public void run() {}
        };

    void run();
  }

  /** Does it. What is thrown instead of a reply is for the caller to translate. */
  Undo perform(Request request, Reply reply) {
    long node = request.node();
    switch (request.opcode()) {
      case Opcode.INIT -> {
        notifier.keepsNames(Negotiation.hasEpochs(request));
        Negotiation.answer(request, reply);
      }
      case Opcode.LOOKUP -> {
        return lookup(reply, files.look(node, request.name(0)));
      }
      case Opcode.GETATTR ->
          reply.attributes(
              (request.u32(0) & BY_HANDLE) != 0
                  ? files.attributesOfHandle(request.u64(8))
                  : files.attributes(node, request.caller()));
      // The kernel would keep it also if it is told that it is outdated before it has it.
      case Opcode.SETATTR -> reply.attributes(setAttributes(request).validFor(0));
      case Opcode.READLINK -> put(reply, files.readLink(node));
      case Opcode.SYMLINK -> {
        Bytes name = request.name(0);
        Bytes target = request.nextName();
        return entry(reply, files.makeSymlink(target, node, name, request.caller()));
      }
      case Opcode.MKNOD -> {
        return makeNode(request, reply);
      }
      case Opcode.MKDIR -> {
        // struct fuse_mkdir_in: mode, umask
        int permissions = request.u32(0) & PERMISSIONS;
        Bytes name = request.name(8);
        return entry(reply, files.makeDirectory(node, name, permissions, request.caller()));
      }
      case Opcode.UNLINK -> files.unlink(node, request.name(0), request.caller());
      case Opcode.RMDIR -> files.removeDirectory(node, request.name(0), request.caller());
      case Opcode.RENAME -> {
        // struct fuse_rename_in: newdir
        Bytes name = request.name(8);
        files.rename(node, name, request.u64(0), request.nextName(), request.caller());
      }
      case Opcode.RENAME2 -> rename(request, reply);
      case Opcode.LINK -> reply.fail(Errno.EPERM);
      case Opcode.OPEN -> {
        return open(request, reply);
      }
      case Opcode.CREATE -> {
        return create(request, reply);
      }
      case Opcode.READ -> read(request, reply);
      case Opcode.WRITE -> write(request, reply);
      case Opcode.STATFS -> reply.capacity(files.capacity());
      // struct fuse_flush_in, fuse_release_in, fuse_fsync_in: fh comes first
      case Opcode.FLUSH -> flush(request);
      case Opcode.RELEASE -> release(request);
      case Opcode.FSYNC -> files.fsync(request.u64(0), request.caller());
      case Opcode.OPENDIR -> {
        long handle = files.openDirectory(node, request.caller());
        int flags = files.cachesEntries(handle) ? CACHE_DIR : 0;
        reply.opened(handle, files.keepsEntries(handle) ? flags | KEEP_CACHE : flags);
        return () -> files.releaseDirectory(handle);
      }
      case Opcode.READDIR -> listings.read(request, reply);
      case Opcode.READDIRPLUS -> {
        return listings.readWithAttributes(request, reply);
      }
      case Opcode.RELEASEDIR -> files.releaseDirectory(request.u64(0));
      case Opcode.GETLK -> locks.get(request, reply);
      case Opcode.SETLK -> {
        return locks.set(request, reply);
      }
      case Opcode.SETLKW -> {
        return locks.setOrWait(request);
      }
      // As a file of a disk answers what it does not know: programs ask it whether it is a
      // terminal.
      case Opcode.IOCTL -> reply.fail(Errno.ENOTTY);
      // Names are stored when the call that makes them returns.
      case Opcode.FSYNCDIR, Opcode.DESTROY -> {}
      default -> reply.fail(Errno.ENOSYS);
    }
    return Undo.NOTHING;
  }

  /** What the kernel wants no reply to. */
  void forget(Request request) {
    if (request.opcode() == Opcode.FORGET) {
      // struct fuse_forget_in: nlookup
      files.forget(request.node(), request.u64(0));
      return;
    }
    // struct fuse_batch_forget_in: count, dummy; then struct fuse_forget_one: nodeid, nlookup
    int count = request.u32(0);
    for (int i = 0; i < count; i++) {
      files.forget(request.u64(8 + 16 * i), request.u64(16 + 16 * i));
    }
  }

  private Undo lookup(Reply reply, Looked looked) {
    long nameNanos = notifier.nanosOfName(looked);
    if (looked.attributes().isPresent()) {
      Attributes attributes = looked.attributes().get();
      reply.entry(attributes, nameNanos);
      return () -> files.forget(attributes.node(), 1);
    }
    if (nameNanos == 0) {
      reply.fail(Errno.ENOENT);
    } else {
      reply.noEntry(nameNanos);
    }
    return Undo.NOTHING;
  }

  private Undo entry(Reply reply, Attributes attributes) {
    reply.entry(attributes);
    return () -> files.forget(attributes.node(), 1);
  }

  private static void put(Reply reply, Bytes bytes) {
    reply.content(bytes.length()).put(bytes.asByteBuffer());
  }

  /** {@code struct fuse_mknod_in}: mode, rdev, umask, padding. */
  private Undo makeNode(Request request, Reply reply) {
    int mode = request.u32(0);
    int type = mode & TYPE;
    if (type != REGULAR && type != 0) {
      reply.fail(Errno.EPERM);
      return Undo.NOTHING;
    }
    return entry(
        reply,
        files.makeFile(request.node(), request.name(16), mode & PERMISSIONS, request.caller()));
  }

  /** {@code struct fuse_rename2_in}: newdir, flags, padding. */
  private void rename(Request request, Reply reply) {
    long node = request.node();
    long other = request.u64(0);
    Bytes name = request.name(16);
    Bytes otherName = request.nextName();
    switch (request.u32(8)) {
      case 0 -> files.rename(node, name, other, otherName, request.caller());
      case RENAME_TO_FREE -> files.renameToFree(node, name, other, otherName, request.caller());
      case EXCHANGE -> files.exchange(node, name, other, otherName, request.caller());
      // Both, or RENAME_WHITEOUT, which is for file systems below others.
      default -> reply.fail(Errno.EINVAL);
    }
  }

  /** {@code struct fuse_open_in}: flags, open_flags. */
  private Undo open(Request request, Reply reply) {
    OpenMode mode = OpenMode.ofLinux(request.u32(0));
    long handle = files.open(request.node(), mode, request.caller());
    outdate(request.node(), handle);
    reply.opened(handle, flagsOf(request.node(), handle, mode));
    return () -> files.takeBack(handle);
  }

  /** {@code struct fuse_create_in}: flags, mode, umask, open_flags. */
  private Undo create(Request request, Reply reply) {
    OpenMode mode = OpenMode.ofLinux(request.u32(0));
    Created created =
        files.create(
            request.node(), request.name(16), request.u32(4) & PERMISSIONS, mode, request.caller());
    reply.entry(created.attributes());
    reply.opened(created.handle(), flagsOf(created.attributes().node(), created.handle(), mode));
    return () -> {
      files.takeBack(created.handle());
      files.forget(created.attributes().node(), 1);
    };
  }

  /**
   * Who only reads is not asked to flush, unless the close of his descriptor may end locks that his
   * process has.
   */
  private int flagsOf(long node, long handle, OpenMode mode) {
    int flags = files.bypassesCache(handle) ? DIRECT_IO : 0;
    if (files.keepsCache(handle)) {
      flags |= KEEP_CACHE;
    }
    boolean flushes = mode.writes() || mode.truncates() || locks.mustFlush(node);
    return flushes ? flags : flags | NO_FLUSH;
  }

  /** Who waits for a lock of the file is to find there what was written under it. */
  private void flush(Request request) {
    try {
      files.flush(request.u64(0), request.caller());
    } finally {
      locks.flushed(request);
    }
  }

  private void release(Request request) {
    try {
      files.release(request.u64(0));
    } finally {
      locks.released(request);
    }
  }

  /**
   * Has the kernel ask for the attributes again if what the handle sees is of another size than it
   * was told: it would not read beyond that.
   */
  private void outdate(long node, long handle) {
    if (files.outdatesAttributes(handle)) {
      notifier.invalidateAttributes(node);
    }
  }

  /** {@code struct fuse_read_in}: fh, offset, size, … */
  private void read(Request request, Reply reply) {
    long handle = request.u64(0);
    ByteBuffer into = reply.content(request.u32(16));
    int start = into.position();
    int count = files.read(handle, request.u64(8), into);
    into.position(start + count);
    outdate(request.node(), handle);
  }

  /** {@code struct fuse_write_in}: fh, offset, size, … */
  private void write(Request request, Reply reply) {
    ByteBuffer from = request.bytes(40, request.u32(16));
    reply.u32(files.write(request.u64(0), request.u64(8), from)).u32(/* padding */ 0);
  }

  /**
   * {@code struct fuse_setattr_in}: valid, padding, fh, size, lock_owner, atime, mtime, ctime,
   * atimensec, mtimensec, ctimensec, mode, unused4, uid, gid, unused5.
   */
  private Attributes setAttributes(Request request) {
    int valid = request.u32(0);
    // One for both: touch sets two times that must be equal.
    Instant now = clock.instant();
    AttributeChange change =
        new AttributeChange(
            (valid & SET_MODE) != 0
                ? OptionalInt.of(request.u32(68) & PERMISSIONS)
                : OptionalInt.empty(),
            (valid & SET_OWNER) != 0 ? OptionalInt.of(request.u32(76)) : OptionalInt.empty(),
            (valid & SET_GROUP) != 0 ? OptionalInt.of(request.u32(80)) : OptionalInt.empty(),
            (valid & SET_SIZE) != 0 ? OptionalLong.of(request.u64(16)) : OptionalLong.empty(),
            time(valid, SET_ACCESSED_NOW, now, SET_ACCESSED, request.u64(32), request.u32(56)),
            time(valid, SET_MODIFIED_NOW, now, SET_MODIFIED, request.u64(40), request.u32(60)));
    OptionalLong handle =
        (valid & SET_BY_HANDLE) != 0 ? OptionalLong.of(request.u64(8)) : OptionalLong.empty();
    return files.setAttributes(request.node(), handle, change, request.caller());
  }

  private static Optional<Instant> time(
      int valid, int nowBit, Instant now, int bit, long seconds, int nanos) {
    if ((valid & nowBit) != 0) {
      return Optional.of(now);
    }
    return (valid & bit) != 0
        ? Optional.of(Instant.ofEpochSecond(seconds, nanos))
        : Optional.empty();
  }
}
