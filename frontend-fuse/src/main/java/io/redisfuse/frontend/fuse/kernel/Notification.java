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

  private static final int STORE = 4;

  /** {@code FUSE_NOTIFY_INC_EPOCH}, of version 7.44. */
  private static final int INCREASE_EPOCH = 8;

  /** A header, the largest structure, and a name. */
  private static final int MOST_BYTES = 512;

  /** The largest content that may be stored. */
  static final int MOST_STORED = 64 << 10;

  private final Device device;
  private final Pointer pointer;
  private final ByteBuffer memory;

  /** For what takes little room. */
  Notification(Device device) {
    this(device, MOST_BYTES);
  }

  private Notification(Device device, int capacity) {
    this.device = device;
    this.pointer = Memory.allocateDirect(device.runtime(), capacity, /* clear= */ false);
    this.memory =
        MemoryIO.getInstance()
            .newDirectByteBuffer(pointer.address(), capacity)
            .order(ByteOrder.nativeOrder());
  }

  /** Also for content. */
  static Notification ofContent(Device device) {
    return new Notification(device, MOST_BYTES + MOST_STORED);
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

  /** Whether a request of the kernel waits for somebody to read it. */
  boolean isWaitedFor() {
    return device.isWaitedFor(pointer);
  }

  /** The kernel asks again for every name when it is looked at next. Waits for nothing. */
  int epoch() {
    begin(INCREASE_EPOCH);
    return send();
  }

  /**
   * {@code struct fuse_notify_store_out}: nodeid, offset, size, padding; then the content. The
   * kernel takes all of the content of a file that it is opening.
   */
  int store(long node, Bytes content) {
    begin(STORE).putLong(node).putLong(/* offset */ 0).putInt(content.length()).putInt(0);
    memory.put(content.asByteBuffer());
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
