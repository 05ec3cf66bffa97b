package io.redisfuse.frontend.fuse.kernel;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;

/**
 * The system calls that are used here, by their C names; they return -1 and leave an errno where
 * they fail. Public only because jnr implements it at run time.
 */
public interface LinuxCalls {

  /** {@code F_DUPFD_CLOEXEC} of {@code fcntl.h}. */
  int DUPLICATE_CLOSE_ON_EXEC = 1030;

  /** {@code POLLIN} of {@code poll.h}: there is something to read. */
  short READABLE = 1;

  static LinuxCalls load() {
    return LibraryLoader.create(LinuxCalls.class).load("c");
  }

  long read(int descriptor, Pointer into, long count);

  long write(int descriptor, Pointer from, long count);

  int fcntl(int descriptor, int command, int argument);

  /** Of an array of {@code struct pollfd}. */
  int poll(Pointer descriptors, long count, int timeoutMillis);

  int close(int descriptor);
}
