package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.Caller;
import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * A request of the kernel, as {@code linux/fuse.h} lays it out: a {@code struct fuse_in_header} and
 * what belongs to the opcode. What is read beyond its end is an {@link FsError#INVALID} request.
 *
 * <p>One for each thread, which reads one request after the other into it.
 */
final class Request {

  /** {@code struct fuse_in_header}. */
  static final int HEADER_BYTES = 40;

  private static final int OPCODE = 4;
  private static final int UNIQUE = 8;
  private static final int NODE = 16;
  private static final int UID = 24;
  private static final int GID = 28;
  private static final int PID = 32;

  private final ByteBuffer memory;
  private int length;

  /** Where the next name begins. */
  private int nextName;

  /**
   * @param memory direct, in native byte order
   */
  Request(ByteBuffer memory) {
    this.memory = memory;
  }

  /** A request of this length is in the memory now; whether it is one. */
  boolean begin(int read) {
    length = read;
    return read >= HEADER_BYTES && memory.getInt(0) == read;
  }

  int opcode() {
    return memory.getInt(OPCODE);
  }

  long unique() {
    return memory.getLong(UNIQUE);
  }

  long node() {
    return memory.getLong(NODE);
  }

  /** The second directory of a rename. */
  OptionalLong otherDirectory() {
    boolean isRename = opcode() == Opcode.RENAME || opcode() == Opcode.RENAME2;
    return isRename && length >= HEADER_BYTES + Long.BYTES
        ? OptionalLong.of(u64(0))
        : OptionalLong.empty();
  }

  Caller caller() {
    return new Caller(memory.getInt(PID), memory.getInt(UID), memory.getInt(GID));
  }

  /** The number of 32 bits at this offset after the header. */
  int u32(int offset) {
    require(offset, Integer.BYTES);
    return memory.getInt(HEADER_BYTES + offset);
  }

  /** The number of 64 bits at this offset after the header. */
  long u64(int offset) {
    require(offset, Long.BYTES);
    return memory.getLong(HEADER_BYTES + offset);
  }

  /** The name at this offset after the header; it ends in NUL. */
  Bytes name(int offset) {
    int start = HEADER_BYTES + offset;
    for (int end = start; end < length; end++) {
      if (memory.get(end) == 0) {
        byte[] name = new byte[end - start];
        memory.get(start, name);
        nextName = end + 1 - HEADER_BYTES;
        return Bytes.wrap(name);
      }
    }
    throw malformed();
  }

  /** The name after the one that was read last. */
  Bytes nextName() {
    return name(nextName);
  }

  /** What is at this offset after the header. */
  ByteBuffer bytes(int offset, int count) {
    require(offset, count);
    return memory.slice(HEADER_BYTES + offset, count);
  }

  private void require(int offset, int count) {
    if (count < 0 || HEADER_BYTES + (long) offset + count > length) {
      throw malformed();
    }
  }

  private FsException malformed() {
    return new FsException(
        FsError.INVALID,
        "The kernel's "
            + Opcode.name(opcode())
            + " has "
            + length
            + " bytes, which is too short; please report it.");
  }
}
