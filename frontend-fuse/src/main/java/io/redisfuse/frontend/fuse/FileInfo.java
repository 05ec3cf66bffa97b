package io.redisfuse.frontend.fuse;

import jnr.ffi.Pointer;

/**
 * {@code struct fuse_file_info} of libfuse 2 where pointers have 64 bits. Read by hand, since
 * jnr-fuse's own class misplaces the bits between {@code writepage} and {@code fh}.
 */
final class FileInfo {

  private static final int FLAGS = 0;
  private static final int BITS = 20;
  private static final int HANDLE = 24;

  /** The first of the bits: nothing goes through the kernel's page cache. */
  private static final byte DIRECT_IO = 1;

  private FileInfo() {}

  /** The flags of {@code open(2)}. */
  static int flags(Pointer fileInfo) {
    return fileInfo.getInt(FLAGS);
  }

  static long handle(Pointer fileInfo) {
    return fileInfo.getLong(HANDLE);
  }

  /** Nothing of this open file goes through the kernel's page cache; it cannot be mapped shared. */
  static void bypassPageCache(Pointer fileInfo) {
    fileInfo.putByte(BITS, (byte) (fileInfo.getByte(BITS) | DIRECT_IO));
  }

  static void setHandle(Pointer fileInfo, long handle) {
    fileInfo.putLong(HANDLE, handle);
  }
}
