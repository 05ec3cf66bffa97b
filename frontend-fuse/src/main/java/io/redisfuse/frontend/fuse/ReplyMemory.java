package io.redisfuse.frontend.fuse;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Capacity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * The native memory in which one thread lays out its replies, one after the other. What a method
 * returned is overwritten by the next call of the same method. Not safe for threads.
 */
final class ReplyMemory {

  /** The largest write, and what programs are told to read and write at a time. */
  static final int BLOCK_BYTES = 128 * 1024;

  /** {@code struct fuse_entry_param}: ino, generation, attr, attr_timeout, entry_timeout. */
  private static final int ENTRY_STAT = 16;

  private static final int TIMEOUTS_BYTES = 16;

  private final Runtime runtime;
  private final Pointer entry;
  private final Pointer statMemory;
  private final FileStat stat;
  private final Statvfs statvfs;
  private final int attributeTimeout;
  private final double attributeSeconds;
  private ByteBuffer buffer;
  private Pointer bufferMemory;

  /**
   * @param attributeSeconds how long the kernel may rely on the attributes of an entry
   */
  ReplyMemory(Runtime runtime, double attributeSeconds) {
    this.runtime = runtime;
    stat = new FileStat(runtime);
    int statBytes = Struct.size(stat);
    // Zeros in all that is never set: the generation, the device, and the timeout of names, since
    // other clients make and remove keys behind the kernel's back.
    entry = Memory.allocateDirect(runtime, ENTRY_STAT + statBytes + TIMEOUTS_BYTES, true);
    attributeTimeout = ENTRY_STAT + statBytes;
    this.attributeSeconds = attributeSeconds;
    statMemory = entry.slice(ENTRY_STAT, statBytes);
    stat.useMemory(statMemory);
    statvfs = new Statvfs(runtime);
    statvfs.useMemory(Memory.allocateDirect(runtime, Struct.size(statvfs), true));
    allocate(BLOCK_BYTES);
  }

  /** A {@code struct fuse_entry_param}. */
  Pointer entry(Attributes attributes) {
    entry.putLong(0, attributes.node());
    entry.putDouble(attributeTimeout, attributes.validNanos() == 0 ? 0 : attributeSeconds);
    stat(attributes);
    return entry;
  }

  /** A {@code struct stat}. */
  Pointer stat(Attributes attributes) {
    int type =
        switch (attributes.kind()) {
          case FILE -> FileStat.S_IFREG;
          case DIRECTORY -> FileStat.S_IFDIR;
          case SYMLINK -> FileStat.S_IFLNK;
        };
    stat.st_ino.set(attributes.inode());
    stat.st_mode.set(type | attributes.permissions());
    stat.st_nlink.set(attributes.links());
    stat.st_uid.set(attributes.owner());
    stat.st_gid.set(attributes.group());
    stat.st_size.set(attributes.size());
    stat.st_blksize.set(BLOCK_BYTES);
    // stat(2) counts blocks of 512 bytes, whatever the block size is.
    stat.st_blocks.set((attributes.size() + 511) / 512);
    set(stat.st_atim, attributes.accessed());
    set(stat.st_mtim, attributes.modified());
    set(stat.st_ctim, attributes.changed());
    return statMemory;
  }

  private static void set(Timespec field, Instant time) {
    field.tv_sec.set(time.getEpochSecond());
    field.tv_nsec.set(time.getNano());
  }

  /** A {@code struct statvfs}. */
  Pointer statvfs(Capacity capacity) {
    statvfs.f_bsize.set(capacity.blockSize());
    statvfs.f_frsize.set(capacity.blockSize());
    statvfs.f_blocks.set(capacity.blocks());
    statvfs.f_bfree.set(capacity.free());
    statvfs.f_bavail.set(capacity.free());
    // There is room for a file wherever there is a free block.
    statvfs.f_files.set(capacity.files() + capacity.free());
    statvfs.f_ffree.set(capacity.free());
    statvfs.f_favail.set(capacity.free());
    statvfs.f_namemax.set(capacity.nameBytes());
    return Struct.getMemory(statvfs);
  }

  /** A text that ends with NUL, as in C. */
  Pointer text(Bytes text) {
    ByteBuffer into = buffer(text.length() + 1);
    into.put(text.asByteBuffer()).put((byte) 0);
    return bufferMemory();
  }

  /** An empty buffer with room for exactly {@code size} bytes, in native byte order. */
  ByteBuffer buffer(int size) {
    if (size > buffer.capacity()) {
      allocate(size);
    }
    return buffer.clear().limit(size);
  }

  /** Where the {@link #buffer} begins. */
  Pointer bufferMemory() {
    return bufferMemory;
  }

  private void allocate(int size) {
    buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    bufferMemory = Pointer.wrap(runtime, buffer);
  }
}
