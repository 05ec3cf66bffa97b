package io.redisfuse.frontend.fuse;

import static io.redisfuse.frontend.fuse.kernel.Errno.EINVAL;
import static io.redisfuse.frontend.fuse.kernel.Errno.EIO;
import static io.redisfuse.frontend.fuse.kernel.Errno.ENODEV;
import static io.redisfuse.frontend.fuse.kernel.Errno.EPERM;

import com.kenai.jffi.MemoryIO;
import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.AttributeChange;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Caller;
import io.redisfuse.frontend.files.Created;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.FsException;
import io.redisfuse.frontend.files.OpenMode;
import io.redisfuse.frontend.fuse.kernel.Dirents;
import io.redisfuse.frontend.fuse.kernel.Errno;
import io.redisfuse.frontend.fuse.kernel.Failures;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * Translates each request of the kernel to a call of the {@link FileSystem}, and what that returns
 * or throws to the reply. Every request gets exactly one reply, whatever happens: one that got none
 * would hang its program.
 *
 * <p>Safe for any number of threads; each has its own {@link ReplyMemory}.
 */
final class Requests {

  /** {@code FUSE_SET_ATTR_…} of {@code fuse_lowlevel.h}. */
  private static final int SET_MODE = 1;

  private static final int SET_OWNER = 1 << 1;
  private static final int SET_GROUP = 1 << 2;
  private static final int SET_SIZE = 1 << 3;
  private static final int SET_ACCESSED = 1 << 4;
  private static final int SET_MODIFIED = 1 << 5;
  private static final int SET_ACCESSED_NOW = 1 << 7;
  private static final int SET_MODIFIED_NOW = 1 << 8;

  private static final int PERMISSIONS = 07777;

  /** {@code struct fuse_forget_data}: node and lookups, of 8 bytes each. */
  private static final int FORGET_BYTES = 16;

  private final LibFuse fuse;
  private final FileSystem files;
  private final Clock clock;
  private final double attributeSeconds;
  private final ThreadLocal<ReplyMemory> memory;
  private volatile boolean ended;
  private volatile LongConsumer attributesOutdated = node -> {};

  Requests(LibFuse fuse, FileSystem files, Duration attributeTimeout, Clock clock) {
    this.fuse = fuse;
    this.files = files;
    this.clock = clock;
    this.attributeSeconds = attributeTimeout.toNanos() / 1e9;
    this.memory =
        ThreadLocal.withInitial(() -> new ReplyMemory(Runtime.getRuntime(fuse), attributeSeconds));
  }

  /** From now on every request is answered with ENODEV, and the file system is left alone. */
  void end() {
    ended = true;
  }

  /** From now on {@code tell} is called with nodes whose attributes the kernel must ask for. */
  void onAttributesOutdated(LongConsumer tell) {
    attributesOutdated = tell;
  }

  /** Makes the callbacks of {@code operations} answer requests here. */
  void serve(LowlevelOperations operations) {
    serveNames(operations);
    serveAttributes(operations);
    serveFiles(operations);
    serveDirectories(operations);
  }

  private void serveNames(LowlevelOperations operations) {
    operations.lookup.set(
        (request, parent, name) ->
            answer(
                request, "lookup", parent, name, () -> entry(files.lookup(parent, bytes(name)))));
    operations.forget.set(
        (request, node, lookups) ->
            silently(request, "forget", node, () -> files.forget(node, lookups)));
    operations.forgetMulti.set(
        (request, count, forgets) ->
            silently(
                request,
                "forget",
                FileSystem.ROOT,
                () -> {
                  for (long at = 0; at < count * FORGET_BYTES; at += FORGET_BYTES) {
                    files.forget(forgets.getLong(at), forgets.getLong(at + Long.BYTES));
                  }
                }));
    operations.mknod.set(
        (request, parent, name, mode, device) ->
            answer(
                request,
                "mknod",
                parent,
                name,
                () ->
                    isRegular(mode)
                        ? entry(
                            files.makeFile(
                                parent, bytes(name), mode & PERMISSIONS, caller(request)))
                        : error(EPERM)));
    operations.mkdir.set(
        (request, parent, name, mode) ->
            answer(
                request,
                "mkdir",
                parent,
                name,
                () ->
                    entry(
                        files.makeDirectory(
                            parent, bytes(name), mode & PERMISSIONS, caller(request)))));
    operations.unlink.set(
        (request, parent, name) ->
            answerDone(
                request,
                "unlink",
                parent,
                name,
                () -> files.unlink(parent, bytes(name), caller(request))));
    operations.rmdir.set(
        (request, parent, name) ->
            answerDone(
                request,
                "rmdir",
                parent,
                name,
                () -> files.removeDirectory(parent, bytes(name), caller(request))));
    operations.rename.set(
        (request, parent, name, newParent, newName) ->
            answerDone(
                request,
                "rename",
                parent,
                name,
                () ->
                    files.rename(parent, bytes(name), newParent, bytes(newName), caller(request))));
    operations.symlink.set(
        (request, target, parent, name) ->
            answer(
                request,
                "symlink",
                parent,
                name,
                () ->
                    entry(files.makeSymlink(bytes(target), parent, bytes(name), caller(request)))));
    operations.readlink.set(
        (request, node) ->
            answer(
                request,
                "readlink",
                node,
                null,
                () -> {
                  ReplyMemory reply = memory.get();
                  Pointer target = reply.text(files.readLink(node));
                  return r -> fuse.fuse_reply_readlink(r, target);
                }));
    operations.link.set(
        (request, node, parent, name) -> answer(request, "link", parent, name, () -> error(EPERM)));
  }

  private void serveAttributes(LowlevelOperations operations) {
    operations.getattr.set(
        (request, node, fileInfo) ->
            answer(
                request,
                "getattr",
                node,
                null,
                () ->
                    attributes(
                        fileInfo == null
                            ? files.attributes(node, caller(request))
                            : files.attributesOfHandle(FileInfo.handle(fileInfo)))));
    operations.setattr.set(
        (request, node, stat, toSet, fileInfo) ->
            answer(
                request,
                "setattr",
                node,
                null,
                () ->
                    attributes(
                        files.setAttributes(
                            node,
                            handle(fileInfo),
                            change(FileStat.of(stat), toSet),
                            caller(request)))));
    operations.statfs.set(
        (request, node) ->
            answer(
                request,
                "statfs",
                node,
                null,
                () -> {
                  Pointer statvfs = memory.get().statvfs(files.capacity());
                  return r -> fuse.fuse_reply_statfs(r, statvfs);
                }));
  }

  private void serveFiles(LowlevelOperations operations) {
    operations.open.set(
        (request, node, fileInfo) ->
            answer(
                request,
                "open",
                node,
                null,
                () -> {
                  OpenMode mode = OpenMode.ofLinux(FileInfo.flags(fileInfo));
                  long handle = files.open(node, mode, caller(request));
                  opened(fileInfo, handle);
                  outdate(node, handle);
                  return undoable(
                      r -> fuse.fuse_reply_open(r, fileInfo), () -> files.release(handle));
                }));
    operations.create.set(
        (request, parent, name, mode, fileInfo) ->
            answer(
                request,
                "create",
                parent,
                name,
                () -> {
                  OpenMode openMode = OpenMode.ofLinux(FileInfo.flags(fileInfo));
                  Created created =
                      files.create(
                          parent, bytes(name), mode & PERMISSIONS, openMode, caller(request));
                  opened(fileInfo, created.handle());
                  Pointer entry = memory.get().entry(created.attributes());
                  return undoable(
                      r -> fuse.fuse_reply_create(r, entry, fileInfo),
                      () -> {
                        files.release(created.handle());
                        files.forget(created.attributes().node(), 1);
                      });
                }));
    operations.read.set(
        (request, node, size, offset, fileInfo) ->
            answer(
                request,
                "read",
                node,
                null,
                () -> {
                  ByteBuffer into = memory.get().buffer(Math.toIntExact(size));
                  long handle = FileInfo.handle(fileInfo);
                  int count = files.read(handle, offset, into);
                  outdate(node, handle);
                  return content(count);
                }));
    operations.write.set(
        (request, node, buffer, size, offset, fileInfo) ->
            answer(
                request,
                "write",
                node,
                null,
                () -> {
                  ByteBuffer from = view(buffer, Math.toIntExact(size));
                  int count = files.write(FileInfo.handle(fileInfo), offset, from);
                  return r -> fuse.fuse_reply_write(r, count);
                }));
    operations.flush.set(
        (request, node, fileInfo) ->
            answerDone(
                request,
                "flush",
                node,
                null,
                () -> files.flush(FileInfo.handle(fileInfo), caller(request))));
    operations.fsync.set(
        (request, node, contentOnly, fileInfo) ->
            answerDone(
                request,
                "fsync",
                node,
                null,
                () -> files.fsync(FileInfo.handle(fileInfo), caller(request))));
    operations.release.set(
        (request, node, fileInfo) ->
            answerDone(
                request, "release", node, null, () -> files.release(FileInfo.handle(fileInfo))));
  }

  /**
   * Has the kernel ask for the attributes again if what the handle sees is of another size than it
   * was told: it would not read beyond that. That waits for nothing, unlike to drop content.
   */
  private void outdate(long node, long handle) {
    if (files.outdatesAttributes(handle)) {
      attributesOutdated.accept(node);
    }
  }

  private void opened(Pointer fileInfo, long handle) {
    FileInfo.setHandle(fileInfo, handle);
    if (files.bypassesCache(handle)) {
      FileInfo.bypassPageCache(fileInfo);
    }
  }

  private void serveDirectories(LowlevelOperations operations) {
    operations.opendir.set(
        (request, node, fileInfo) ->
            answer(
                request,
                "opendir",
                node,
                null,
                () -> {
                  long handle = files.openDirectory(node, caller(request));
                  FileInfo.setHandle(fileInfo, handle);
                  return undoable(
                      r -> fuse.fuse_reply_open(r, fileInfo), () -> files.releaseDirectory(handle));
                }));
    operations.readdir.set(
        (request, node, size, offset, fileInfo) ->
            answer(
                request,
                "readdir",
                node,
                null,
                () -> {
                  ByteBuffer into = memory.get().buffer(Math.toIntExact(size));
                  // Only the first part of a listing holds the directory itself.
                  long inode = offset == 0 ? files.attributes(node, caller(request)).inode() : 0;
                  FileSystem.ListedFrom from =
                      offset == 0 ? FileSystem.ListedFrom.START : FileSystem.ListedFrom.WITHIN;
                  boolean fitted =
                      offset >= 0
                          && Dirents.fill(
                              into, offset, inode, files.entries(FileInfo.handle(fileInfo), from));
                  return fitted ? content(into.position()) : error(EINVAL);
                }));
    operations.releasedir.set(
        (request, node, fileInfo) ->
            answerDone(
                request,
                "releasedir",
                node,
                null,
                () -> files.releaseDirectory(FileInfo.handle(fileInfo))));
    // Names are stored when the call that makes them returns.
    operations.fsyncdir.set(
        (request, node, contentOnly, fileInfo) ->
            answerDone(request, "fsyncdir", node, null, () -> {}));
  }

  /** What a request asks for, up to but without sending the reply. */
  private interface Work {
    Reply run();
  }

  /** Sends a reply, which ends the request; returns 0 if the kernel took it. */
  private interface Reply {
    int send(Pointer request);
  }

  private void answerDone(
      Pointer request, String operation, long node, Pointer name, Runnable work) {
    answer(
        request,
        operation,
        node,
        name,
        () -> {
          work.run();
          return error(0);
        });
  }

  /**
   * The one place that all requests with a reply go through. An exception that left a callback
   * would leave its request without one.
   */
  private void answer(Pointer request, String operation, long node, Pointer name, Work work) {
    try {
      reply(operation, node, name, work).send(request);
    } catch (Throwable e) {
      // The request may be gone, so nothing more can be said to the kernel.
      Failures.logUnexpected(subject(operation, node, name), e);
    }
  }

  private Reply reply(String operation, long node, Pointer name, Work work) {
    if (ended) {
      return error(ENODEV);
    }
    try {
      return work.run();
    } catch (FsException e) {
      Failures.log(subject(operation, node, name), e);
      return error(Errno.of(e.error()));
    } catch (Throwable e) {
      Failures.logUnexpected(subject(operation, node, name), e);
      return error(EIO);
    }
  }

  /** For requests that the kernel wants no reply to. */
  private void silently(Pointer request, String operation, long node, Runnable work) {
    try {
      if (!ended) {
        work.run();
      }
    } catch (Throwable e) {
      Failures.logUnexpected(subject(operation, node, null), e);
    } finally {
      fuse.fuse_reply_none(request);
    }
  }

  private static String subject(String operation, long node, Pointer name) {
    return operation
        + " of "
        + (name == null ? "node " + node : "'" + bytes(name) + "' in node " + node);
  }

  private Reply error(int errno) {
    return request -> fuse.fuse_reply_err(request, errno);
  }

  private Reply attributes(Attributes attributes) {
    Pointer stat = memory.get().stat(attributes);
    double validSeconds = attributes.validNanos() == 0 ? 0 : attributeSeconds;
    return request -> fuse.fuse_reply_attr(request, stat, validSeconds);
  }

  private Reply entry(Attributes attributes) {
    Pointer entry = memory.get().entry(attributes);
    return undoable(
        request -> fuse.fuse_reply_entry(request, entry), () -> files.forget(attributes.node(), 1));
  }

  /** The first bytes of this thread's buffer. */
  private Reply content(int size) {
    Pointer buffer = memory.get().bufferMemory();
    return request -> fuse.fuse_reply_buf(request, buffer, size);
  }

  /**
   * A reply that hands over something the kernel gives back later. Where it does not take the
   * reply, because the request was interrupted, it never will.
   */
  private static Reply undoable(Reply reply, Runnable undo) {
    return request -> {
      int sent = reply.send(request);
      if (sent != 0) {
        undo.run();
      }
      return sent;
    };
  }

  private AttributeChange change(FileStat stat, int toSet) {
    // One for both: touch sets two times that must be equal.
    Instant now = clock.instant();
    return new AttributeChange(
        whenSet(toSet, SET_MODE, stat.st_mode.intValue() & PERMISSIONS),
        whenSet(toSet, SET_OWNER, stat.st_uid.intValue()),
        whenSet(toSet, SET_GROUP, stat.st_gid.intValue()),
        (toSet & SET_SIZE) != 0 ? OptionalLong.of(stat.st_size.longValue()) : OptionalLong.empty(),
        time(toSet, SET_ACCESSED_NOW, now, SET_ACCESSED, stat.st_atim),
        time(toSet, SET_MODIFIED_NOW, now, SET_MODIFIED, stat.st_mtim));
  }

  private static OptionalInt whenSet(int toSet, int bit, int value) {
    return (toSet & bit) != 0 ? OptionalInt.of(value) : OptionalInt.empty();
  }

  private static Optional<Instant> time(
      int toSet, int nowBit, Instant now, int bit, Timespec time) {
    if ((toSet & nowBit) != 0) {
      return Optional.of(now);
    }
    return (toSet & bit) != 0
        ? Optional.of(Instant.ofEpochSecond(time.tv_sec.longValue(), time.tv_nsec.longValue()))
        : Optional.empty();
  }

  private static OptionalLong handle(Pointer fileInfo) {
    return fileInfo == null ? OptionalLong.empty() : OptionalLong.of(FileInfo.handle(fileInfo));
  }

  private static boolean isRegular(int mode) {
    int type = mode & FileStat.S_IFMT;
    return type == FileStat.S_IFREG || type == 0;
  }

  /** {@code struct fuse_ctx}: uid, gid, pid. */
  private Caller caller(Pointer request) {
    Pointer context = fuse.fuse_req_ctx(request);
    return new Caller(context.getInt(8), context.getInt(0), context.getInt(4));
  }

  private static Bytes bytes(Pointer name) {
    return Bytes.wrap(MemoryIO.getInstance().getZeroTerminatedByteArray(name.address()));
  }

  private static ByteBuffer view(Pointer memory, int size) {
    return MemoryIO.getInstance().newDirectByteBuffer(memory.address(), size);
  }
}
