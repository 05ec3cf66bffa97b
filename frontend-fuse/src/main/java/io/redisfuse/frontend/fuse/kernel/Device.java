package io.redisfuse.frontend.fuse.kernel;

import static io.redisfuse.frontend.fuse.kernel.Errno.EAGAIN;
import static io.redisfuse.frontend.fuse.kernel.Errno.EINTR;
import static io.redisfuse.frontend.fuse.kernel.Errno.ENODEV;
import static io.redisfuse.frontend.fuse.kernel.Errno.ENOENT;

import java.io.IOException;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The descriptor through which the kernel gives requests and takes replies: one of each with every
 * read and write. Safe for threads, each with memory of its own.
 */
final class Device implements AutoCloseable {

  private final LinuxCalls calls = LinuxCalls.load();
  private final Runtime runtime = Runtime.getRuntime(calls);
  private final int descriptor;

  private Device(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * A device on a descriptor of its own, so that who closes the other one, as libfuse does at the
   * end, does not take it from those who read.
   */
  static Device duplicate(int descriptor) throws IOException {
    Device original = new Device(descriptor);
    int copy =
        original.calls.fcntl(descriptor, LinuxCalls.DUPLICATE_CLOSE_ON_EXEC, /* argument= */ 0);
    if (copy < 0) {
      throw new IOException("a descriptor cannot be duplicated: errno " + original.errno());
    }
    return new Device(copy);
  }

  Runtime runtime() {
    return runtime;
  }

  /**
   * Waits for the next request.
   *
   * @return its length; -1 when there will be no more, since the mount has ended
   */
  int read(Pointer into, int capacity) throws IOException {
    while (true) {
      long count = calls.read(descriptor, into, capacity);
      if (count > 0) {
        return (int) count;
      }
      if (count == 0) {
        // So ends what is no device, as in tests.
        return -1;
      }
      int errno = errno();
      if (errno == ENODEV) {
        return -1;
      }
      // ENOENT: the request was interrupted before it was read.
      if (errno != EINTR && errno != EAGAIN && errno != ENOENT) {
        throw new IOException("the kernel's requests cannot be read: errno " + errno);
      }
    }
  }

  /**
   * Sends a reply or a notification.
   *
   * @return 0, or the errno with which the kernel refused it: of a reply ENOENT, if the request was
   *     interrupted meanwhile
   */
  int write(Pointer from, int length) {
    return calls.write(descriptor, from, length) < 0 ? errno() : 0;
  }

  /**
   * Whether a request waits to be read.
   *
   * @param memory for a {@code struct pollfd}: fd, events, revents
   */
  boolean isWaitedFor(Pointer memory) {
    memory.putInt(0, descriptor);
    memory.putShort(4, LinuxCalls.READABLE);
    memory.putShort(6, (short) 0);
    return calls.poll(memory, /* count= */ 1, /* timeoutMillis= */ 0) > 0;
  }

  private int errno() {
    return LastError.getLastError(runtime);
  }

  @Override
  public void close() {
    calls.close(descriptor);
  }
}
