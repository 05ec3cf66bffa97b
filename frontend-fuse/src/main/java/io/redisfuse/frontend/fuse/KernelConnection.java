package io.redisfuse.frontend.fuse;

import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.fuse.kernel.Server;
import java.io.IOException;
import java.time.Clock;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Mounted by libfuse, so that users who are not root may mount by its help; then the kernel's own
 * protocol is spoken.
 */
final class KernelConnection implements Connection {

  private final LibFuse fuse;
  private final Pointer mountPoint;
  private final Pointer channel;
  private final Server server;

  private KernelConnection(LibFuse fuse, Pointer mountPoint, Pointer channel, Server server) {
    this.fuse = fuse;
    this.mountPoint = mountPoint;
    this.channel = channel;
    this.server = server;
  }

  /** Mounts; requests wait until {@link #serve} is called. */
  static KernelConnection open(
      LibFuse fuse, MountPoint point, FileSystem files, MountOptions options)
      throws MountException {
    Runtime runtime = Runtime.getRuntime(fuse);
    Pointer path = point.toNative(runtime);
    MountArguments arguments = new MountArguments(runtime, MountArguments.wordsForKernel(options));
    Pointer channel;
    try {
      channel = fuse.fuse_mount(path, arguments.pointer());
    } finally {
      fuse.fuse_opt_free_args(arguments.pointer());
    }
    if (channel == null) {
      throw Session.refused(point);
    }
    try {
      Server server =
          Server.on(fuse.fuse_chan_fd(channel), files, Clock.systemUTC(), options.told());
      return new KernelConnection(fuse, path, channel, server);
    } catch (IOException e) {
      fuse.fuse_unmount(path, channel);
      throw new MountException(
          "The mount at " + point.path() + " cannot be served: " + e.getMessage() + ".", e);
    }
  }

  @Override
  public void serve(int threads) {
    server.serve(threads);
    // Closes the device; unmounts only what is still mounted, should the threads have failed.
    fuse.fuse_unmount(mountPoint, channel);
  }

  @Override
  public void end() {
    server.end();
  }
}
