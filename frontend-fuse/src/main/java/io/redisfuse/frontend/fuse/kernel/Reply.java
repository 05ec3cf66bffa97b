package io.redisfuse.frontend.fuse.kernel;

import static io.redisfuse.frontend.files.Attributes.UNTIL_TOLD;
import static java.time.temporal.ChronoField.NANO_OF_SECOND;

import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Capacity;
import io.redisfuse.frontend.files.FileKind;
import java.nio.ByteBuffer;

/**
 * The reply to a request, as {@code linux/fuse.h} lays it out: a {@code struct fuse_out_header} and
 * what belongs to the opcode.
 *
 * <p>One for each thread, which lays out one reply after the other in it.
 */
final class Reply {

  /** {@code struct fuse_out_header}. */
  static final int HEADER_BYTES = 16;

  private static final int ERROR = 4;
  private static final int UNIQUE = 8;

  /** {@code S_IFREG}, {@code S_IFDIR}, {@code S_IFLNK} of {@code linux/stat.h}. */
  private static final int REGULAR = 0100000;

  private static final int DIRECTORY = 0040000;
  private static final int LINK = 0120000;

  /** {@code struct fuse_attr}. */
  private static final int ATTR_BYTES = 88;

  /** {@code struct fuse_entry_out}. */
  static final int ENTRY_BYTES = 40 + ATTR_BYTES;

  private static final int SECTOR_BYTES = 512;

  /** The kernel asks for the attributes right after a lookup, if it does not keep them at all. */
  private static final long TICK_NANOS = 1_000_000;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final ByteBuffer memory;
  private final int blockBytes;

  /**
   * @param memory direct, in native byte order
   * @param blockBytes in what sizes programs are told to read and write
   */
  Reply(ByteBuffer memory, int blockBytes) {
    this.memory = memory;
    this.blockBytes = blockBytes;
  }

  /** Begins a reply, which is empty, and no error, as long as nothing else is done. */
  void begin() {
    memory.clear().putInt(ERROR, 0).position(HEADER_BYTES);
  }

  /** An error instead of all else. */
  void fail(int errno) {
    begin();
    memory.putInt(ERROR, -errno);
  }

  /** Completes the header; returns the length of all. */
  int end(long unique) {
    int length = memory.position();
    memory.putInt(0, length);
    memory.putLong(UNIQUE, unique);
    return length;
  }

  /** Room for so many bytes of content, of which as many count as are put there. */
  ByteBuffer content(int most) {
    return memory.limit(Math.min(memory.position() + most, memory.capacity()));
  }

  Reply u16(int value) {
    memory.putShort((short) value);
    return this;
  }

  Reply u32(int value) {
    memory.putInt(value);
    return this;
  }

  Reply u64(long value) {
    memory.putLong(value);
    return this;
  }

  Reply zeros(int count) {
    for (int i = 0; i < count; i++) {
      memory.put((byte) 0);
    }
    return this;
  }

  /**
   * {@code struct fuse_entry_out} of what has just been made: the kernel asks for the name when it
   * is looked at next.
   */
  Reply entry(Attributes attributes) {
    return entry(attributes, /* nameNanos= */ 0);
  }

  /**
   * {@code struct fuse_entry_out}. Where the name may not be relied on, nor may the attributes for
   * longer than until they are asked for next: what outdates them before the kernel knows the node
   * is told by the name.
   *
   * @param nameNanos for how long the name may be relied on
   */
  Reply entry(Attributes attributes, long nameNanos) {
    long nanos = Math.min(attributes.validNanos(), nameNanos == 0 ? TICK_NANOS : UNTIL_TOLD);
    u64(attributes.node());
    u64(/* generation */ 0);
    u64(seconds(nameNanos));
    u64(seconds(nanos));
    u32(nanosOfSecond(nameNanos));
    u32(nanosOfSecond(nanos));
    return attr(attributes);
  }

  /** {@code struct fuse_entry_out} of a name that stands for nothing, to be relied on so long. */
  Reply noEntry(long nameNanos) {
    u64(/* nodeid */ 0);
    u64(/* generation */ 0);
    u64(seconds(nameNanos));
    u64(/* attr_valid */ 0);
    u32(nanosOfSecond(nameNanos));
    u32(/* attr_valid_nsec */ 0);
    return zeros(ATTR_BYTES);
  }

  /** {@code struct fuse_attr_out}. */
  Reply attributes(Attributes attributes) {
    u64(seconds(attributes.validNanos()));
    u32(nanosOfSecond(attributes.validNanos()));
    u32(/* dummy */ 0);
    return attr(attributes);
  }

  private static long seconds(long nanos) {
    return nanos / NANOS_PER_SECOND;
  }

  private static int nanosOfSecond(long nanos) {
    return (int) (nanos % NANOS_PER_SECOND);
  }

  /** {@code struct fuse_attr}. */
  private Reply attr(Attributes attributes) {
    u64(attributes.inode());
    u64(attributes.size());
    // stat(2) counts sectors, whatever the block size is.
    u64((attributes.size() + SECTOR_BYTES - 1) / SECTOR_BYTES);
    u64(attributes.accessed().getEpochSecond());
    u64(attributes.modified().getEpochSecond());
    u64(attributes.changed().getEpochSecond());
    u32(attributes.accessed().get(NANO_OF_SECOND));
    u32(attributes.modified().get(NANO_OF_SECOND));
    u32(attributes.changed().get(NANO_OF_SECOND));
    u32(type(attributes.kind()) | attributes.permissions());
    u32(attributes.links());
    u32(attributes.owner());
    u32(attributes.group());
    u32(/* rdev */ 0);
    u32(blockBytes);
    return u32(/* flags */ 0);
  }

  private static int type(FileKind kind) {
    return switch (kind) {
      case FILE -> REGULAR;
      case DIRECTORY -> DIRECTORY;
      case SYMLINK -> LINK;
    };
  }

  /** {@code struct fuse_open_out}. */
  Reply opened(long handle, int flags) {
    u64(handle);
    u32(flags);
    return u32(/* backing_id */ 0);
  }

  /** {@code struct fuse_statfs_out}. */
  Reply capacity(Capacity capacity) {
    u64(capacity.blocks());
    u64(capacity.free());
    u64(capacity.free());
    // There is room for a file wherever there is a free block.
    u64(capacity.files() + capacity.free());
    u64(capacity.free());
    u32(capacity.blockSize());
    u32(capacity.nameBytes());
    u32(capacity.blockSize());
    return zeros(Integer.BYTES * 7);
  }
}
