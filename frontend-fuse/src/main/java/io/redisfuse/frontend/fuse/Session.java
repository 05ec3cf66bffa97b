package io.redisfuse.frontend.fuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mounted session of libfuse, from {@code fuse_mount} to {@code fuse_unmount}.
 *
 * <p>Its loop runs on Java threads: libfuse's own would enter and leave the JVM with every request,
 * and come and go with the load. No signal handler is installed; those of the JVM stay.
 */
final class Session implements Connection {

  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private final LibFuse fuse;
  private final Pointer mountPoint;
  private final Requests requests;

  /** Holds the callbacks, which native code calls as long as the session lives. */
  @SuppressWarnings("unused")
  private final LowlevelOperations operations;

  private final Pointer channel;
  private final Pointer session;

  private Session(
      LibFuse fuse,
      Pointer mountPoint,
      Requests requests,
      LowlevelOperations operations,
      Pointer channel,
      Pointer session) {
    this.fuse = fuse;
    this.mountPoint = mountPoint;
    this.requests = requests;
    this.operations = operations;
    this.channel = channel;
    this.session = session;
  }

  /** Mounts; requests wait until {@link #serve} is called. */
  static Session open(LibFuse fuse, MountPoint point, Requests requests, MountOptions options)
      throws MountException {
    Runtime runtime = Runtime.getRuntime(fuse);
    LowlevelOperations operations = new LowlevelOperations(runtime);
    requests.serve(operations);
    Pointer path = point.toNative(runtime);
    MountArguments arguments = new MountArguments(runtime, MountArguments.words(options));
    try {
      Pointer channel = fuse.fuse_mount(path, arguments.pointer());
      if (channel == null) {
        throw refused(point);
      }
      Pointer session =
          fuse.fuse_lowlevel_new(
              arguments.pointer(),
              Struct.getMemory(operations),
              Struct.size(operations),
              /* userValue= */ null);
      if (session == null) {
        fuse.fuse_unmount(path, channel);
        throw refused(point);
      }
      fuse.fuse_session_add_chan(session, channel);
      // An offset below zero means no content: only the attributes.
      requests.onAttributesOutdated(
          node -> fuse.fuse_lowlevel_notify_inval_inode(channel, node, -1, 0));
      return new Session(fuse, path, requests, operations, channel, session);
    } finally {
      fuse.fuse_opt_free_args(arguments.pointer());
    }
  }

  static MountException refused(MountPoint point) {
    return new MountException(
        "The system refused to mount at "
            + point.path()
            + " (libfuse has written why to the standard error stream): mounting needs the right"
            + " to mount, in a container '--device /dev/fuse --cap-add SYS_ADMIN'.");
  }

  @Override
  public void end() {
    requests.end();
  }

  @Override
  public void serve(int threads) {
    List<Thread> loops = new ArrayList<>();
    for (int i = 1; i <= threads; i++) {
      Thread loop = new Thread(() -> fuse.fuse_session_loop(session), "fuse-" + i);
      loop.setDaemon(true);
      loop.start();
      loops.add(loop);
    }
    for (Thread loop : loops) {
      join(loop);
    }
    fuse.fuse_session_remove_chan(channel);
    fuse.fuse_session_destroy(session);
    // Closes the device; unmounts only what is still mounted, should the loops have failed.
    fuse.fuse_unmount(mountPoint, channel);
  }

  private static void join(Thread loop) {
    while (true) {
      try {
        loop.join();
        return;
      } catch (InterruptedException e) {
        // Nobody has a reason to: what the loops use must not be freed before they end.
        log.debug("Interrupted while {} runs.", loop.getName(), e);
      }
    }
  }
}
