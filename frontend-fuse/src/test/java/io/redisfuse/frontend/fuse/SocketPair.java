package io.redisfuse.frontend.fuse;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** Two ends that carry messages whole, as the kernel's device does. */
final class SocketPair implements AutoCloseable {

  /** {@code AF_UNIX} and {@code SOCK_SEQPACKET} of {@code sys/socket.h}. */
  private static final int UNIX = 1;

  private static final int MESSAGES = 5;
  private static final int MOST_BYTES = 64 << 10;

  /** The functions of the C library that are used. */
  public interface C {
    int socketpair(int domain, int type, int protocol, Pointer descriptors);

    long read(int descriptor, Pointer into, long count);

    long write(int descriptor, Pointer from, long count);

    int close(int descriptor);
  }

  private final C libc = LibraryLoader.create(C.class).load("c");
  private final Pointer memory = Memory.allocateDirect(Runtime.getRuntime(libc), MOST_BYTES, true);
  private final int ours;
  private final int theirs;

  SocketPair() {
    if (libc.socketpair(UNIX, MESSAGES, 0, memory) != 0) {
      throw new AssertionError("no sockets");
    }
    ours = memory.getInt(0);
    theirs = memory.getInt(4);
  }

  int theirs() {
    return theirs;
  }

  void send(byte[] message) {
    memory.put(0, message, 0, message.length);
    if (libc.write(ours, memory, message.length) != message.length) {
      throw new AssertionError("not sent");
    }
  }

  byte[] receive() {
    int count = (int) libc.read(ours, memory, MOST_BYTES);
    byte[] message = new byte[Math.max(count, 0)];
    memory.get(0, message, 0, message.length);
    return message;
  }

  /** Ends what is read at the other end. */
  @Override
  public void close() {
    libc.close(ours);
    libc.close(theirs);
  }
}
