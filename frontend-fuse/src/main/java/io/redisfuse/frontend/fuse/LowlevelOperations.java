package io.redisfuse.frontend.fuse;

import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.annotations.Delegate;

/**
 * {@code struct fuse_lowlevel_ops} of libfuse 2.9: the callbacks in the order of the header. What
 * is not set, libfuse answers with ENOSYS, which the kernel remembers and asks no more. The struct
 * keeps its callbacks alive, so it must live as long as the session.
 *
 * <p>{@code request} is a {@code fuse_req_t}, {@code node} a {@code fuse_ino_t}, {@code fileInfo} a
 * {@code struct fuse_file_info *} or null, a name a C string.
 */
final class LowlevelOperations extends Struct {

  /** Most requests about one node and perhaps an open file. */
  public interface OnNode {
    @Delegate
    void call(jnr.ffi.Pointer request, long node, jnr.ffi.Pointer fileInfo);
  }

  /** Requests about a name in a directory. */
  public interface OnName {
    @Delegate
    void call(jnr.ffi.Pointer request, long parent, jnr.ffi.Pointer name);
  }

  /** {@code forget}. */
  public interface OnForget {
    @Delegate
    void call(jnr.ffi.Pointer request, long node, long lookups);
  }

  /** {@code forget_multi}. */
  public interface OnForgetMulti {
    @Delegate
    void call(jnr.ffi.Pointer request, long count, jnr.ffi.Pointer forgets);
  }

  /** {@code setattr}. */
  public interface OnSetAttributes {
    @Delegate
    void call(
        jnr.ffi.Pointer request,
        long node,
        jnr.ffi.Pointer stat,
        int toSet,
        jnr.ffi.Pointer fileInfo);
  }

  /** {@code mknod}. */
  public interface OnMakeNode {
    @Delegate
    void call(jnr.ffi.Pointer request, long parent, jnr.ffi.Pointer name, int mode, long device);
  }

  /** {@code mkdir}. */
  public interface OnMakeDirectory {
    @Delegate
    void call(jnr.ffi.Pointer request, long parent, jnr.ffi.Pointer name, int mode);
  }

  /** {@code symlink}. */
  public interface OnSymlink {
    @Delegate
    void call(jnr.ffi.Pointer request, jnr.ffi.Pointer target, long parent, jnr.ffi.Pointer name);
  }

  /** {@code rename}. */
  public interface OnRename {
    @Delegate
    void call(
        jnr.ffi.Pointer request,
        long parent,
        jnr.ffi.Pointer name,
        long newParent,
        jnr.ffi.Pointer newName);
  }

  /** {@code link}. */
  public interface OnLink {
    @Delegate
    void call(jnr.ffi.Pointer request, long node, long newParent, jnr.ffi.Pointer newName);
  }

  /** {@code read} and {@code readdir}. */
  public interface OnRead {
    @Delegate
    void call(jnr.ffi.Pointer request, long node, long size, long offset, jnr.ffi.Pointer fileInfo);
  }

  /** {@code write}. */
  public interface OnWrite {
    @Delegate
    void call(
        jnr.ffi.Pointer request,
        long node,
        jnr.ffi.Pointer buffer,
        long size,
        long offset,
        jnr.ffi.Pointer fileInfo);
  }

  /** {@code fsync} and {@code fsyncdir}. */
  public interface OnSync {
    @Delegate
    void call(jnr.ffi.Pointer request, long node, int contentOnly, jnr.ffi.Pointer fileInfo);
  }

  /** {@code create}. */
  public interface OnCreate {
    @Delegate
    void call(
        jnr.ffi.Pointer request,
        long parent,
        jnr.ffi.Pointer name,
        int mode,
        jnr.ffi.Pointer fileInfo);
  }

  /** Requests that carry only a node. */
  public interface OnBareNode {
    @Delegate
    void call(jnr.ffi.Pointer request, long node);
  }

  final Pointer init = new Pointer();
  final Pointer destroy = new Pointer();
  final Function<OnName> lookup = function(OnName.class);
  final Function<OnForget> forget = function(OnForget.class);
  final Function<OnNode> getattr = function(OnNode.class);
  final Function<OnSetAttributes> setattr = function(OnSetAttributes.class);
  final Function<OnBareNode> readlink = function(OnBareNode.class);
  final Function<OnMakeNode> mknod = function(OnMakeNode.class);
  final Function<OnMakeDirectory> mkdir = function(OnMakeDirectory.class);
  final Function<OnName> unlink = function(OnName.class);
  final Function<OnName> rmdir = function(OnName.class);
  final Function<OnSymlink> symlink = function(OnSymlink.class);
  final Function<OnRename> rename = function(OnRename.class);
  final Function<OnLink> link = function(OnLink.class);
  final Function<OnNode> open = function(OnNode.class);
  final Function<OnRead> read = function(OnRead.class);
  final Function<OnWrite> write = function(OnWrite.class);
  final Function<OnNode> flush = function(OnNode.class);
  final Function<OnNode> release = function(OnNode.class);
  final Function<OnSync> fsync = function(OnSync.class);
  final Function<OnNode> opendir = function(OnNode.class);
  final Function<OnRead> readdir = function(OnRead.class);
  final Function<OnNode> releasedir = function(OnNode.class);
  final Function<OnSync> fsyncdir = function(OnSync.class);
  final Function<OnBareNode> statfs = function(OnBareNode.class);
  final Pointer setxattr = new Pointer();
  final Pointer getxattr = new Pointer();
  final Pointer listxattr = new Pointer();
  final Pointer removexattr = new Pointer();
  final Pointer access = new Pointer();
  final Function<OnCreate> create = function(OnCreate.class);
  final Pointer getlk = new Pointer();
  final Pointer setlk = new Pointer();
  final Pointer bmap = new Pointer();
  final Pointer ioctl = new Pointer();
  final Pointer poll = new Pointer();
  final Pointer writeBuf = new Pointer();
  final Pointer retrieveReply = new Pointer();
  final Function<OnForgetMulti> forgetMulti = function(OnForgetMulti.class);
  final Pointer flock = new Pointer();
  final Pointer fallocate = new Pointer();

  LowlevelOperations(Runtime runtime) {
    super(runtime);
  }
}
