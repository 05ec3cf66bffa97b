package io.redisfuse.frontend.fuse;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.IgnoreError;

/**
 * The functions of libfuse 2's {@code fuse_lowlevel.h} that are used here, by their C names. Public
 * only because jnr implements it at run time.
 *
 * <p>Every {@code fuse_reply_…} ends its request, which must not be used again, and returns 0 or a
 * negative errno: the kernel did not take the reply, since the request was interrupted.
 */
public interface LibFuse {

  /** The library that carries the low-level interface of this ABI on Linux. */
  String NAME = "libfuse.so.2";

  /** Loads the library. */
  static LibFuse load(String name) throws MountException {
    try {
      return LibraryLoader.create(LibFuse.class).failImmediately().load(name);
    } catch (UnsatisfiedLinkError e) {
      throw new MountException(
          "The library "
              + name
              + " is missing: install libfuse 2, on Debian and Ubuntu with"
              + " 'apt-get install libfuse2 fuse', on Fedora with 'dnf install fuse fuse-libs'.",
          e);
    }
  }

  Pointer fuse_mount(Pointer mountPoint, Pointer arguments);

  void fuse_unmount(Pointer mountPoint, Pointer channel);

  int fuse_chan_fd(Pointer channel);

  void fuse_opt_free_args(Pointer arguments);

  Pointer fuse_lowlevel_new(Pointer arguments, Pointer operations, long size, Pointer userValue);

  void fuse_session_add_chan(Pointer session, Pointer channel);

  void fuse_session_remove_chan(Pointer channel);

  void fuse_session_destroy(Pointer session);

  @IgnoreError
  int fuse_session_loop(Pointer session);

  @IgnoreError
  Pointer fuse_req_ctx(Pointer request);

  @IgnoreError
  int fuse_reply_err(Pointer request, int errno);

  @IgnoreError
  void fuse_reply_none(Pointer request);

  @IgnoreError
  int fuse_reply_entry(Pointer request, Pointer entry);

  @IgnoreError
  int fuse_reply_create(Pointer request, Pointer entry, Pointer fileInfo);

  @IgnoreError
  int fuse_reply_attr(Pointer request, Pointer stat, double timeoutSeconds);

  @IgnoreError
  int fuse_reply_readlink(Pointer request, Pointer target);

  @IgnoreError
  int fuse_reply_open(Pointer request, Pointer fileInfo);

  @IgnoreError
  int fuse_reply_write(Pointer request, long count);

  /** Tells the kernel that what it keeps of a node is not true any more; returns 0 or -errno. */
  @IgnoreError
  int fuse_lowlevel_notify_inval_inode(Pointer channel, long node, long offset, long length);

  @IgnoreError
  int fuse_reply_buf(Pointer request, Pointer buffer, long size);

  @IgnoreError
  int fuse_reply_statfs(Pointer request, Pointer statvfs);
}
