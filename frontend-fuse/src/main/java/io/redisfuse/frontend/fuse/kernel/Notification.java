package io.redisfuse.frontend.fuse.kernel;

import com.kenai.jffi.MemoryIO;
import io.redisfuse.api.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * Lays out what the kernel is told without that it asked: a {@code struct fuse_out_header} whose
 * request is 0 and whose error is the kind of notification. One for each thread.
 */
final class Notification {

  /** {@code FUSE_NOTIFY_INVAL_INODE}, {@code FUSE_NOTIFY_INVAL_ENTRY}. */
  private static final int INVALIDATE_INODE = 2;

  private static final int INVALIDATE_ENTRY = 3;

  /** A header, the largest structure, and a name. */
  private static final int MOST_BYTES = 512;

  private final Device device;
  private final Pointer pointer;
  private final ByteBuffer memory;

  Notification(Device device) {
    this.device = device;
    this.pointer = Memory.allocateDirect(device.runtime(), MOST_BYTES, /* clear= */ false);
    this.memory =
        MemoryIO.getInstance()
            .newDirectByteBuffer(pointer.address(), MOST_BYTES)
            .order(ByteOrder.nativeOrder());
  }

  /**
   * The kernel lets go of a node's attributes. Waits for nothing in the kernel. Returns an errno,
   * or 0; ENOENT if the kernel does not know the node.
   */
  int attributes(long node) {
    // An offset below zero: no content.
    return inode(node, -1);
  }

  /**
   * The kernel lets go of a node's attributes and content. Waits for reads and writes of the node
   * that are on their way.
   */
  int inode(long node) {
    return inode(node, 0);
  }

  /** {@code struct fuse_notify_inval_inode_out}: ino, off, len. */
  private int inode(long node, long offset) {
    begin(INVALIDATE_INODE).putLong(node).putLong(offset).putLong(/* to the end */ 0);
    return send();
  }

  /**
   * {@code struct fuse_notify_inval_entry_out}: parent, namelen, flags; then the name, which ends
   * in NUL. The kernel lets go of a name. Waits for whatever is on its way in the directory.
   */
  int entry(long parent, Bytes name) {
    begin(INVALIDATE_ENTRY).putLong(parent).putInt(name.length()).putInt(/* flags */ 0);
    memory.put(name.asByteBuffer()).put((byte) 0);
    return send();
  }

  private ByteBuffer begin(int code) {
    return memory.clear().putInt(/* len */ 0).putInt(code).putLong(/* unique */ 0);
  }

  private int send() {
    memory.putInt(0, memory.position());
    return device.write(pointer, memory.position());
  }
}
