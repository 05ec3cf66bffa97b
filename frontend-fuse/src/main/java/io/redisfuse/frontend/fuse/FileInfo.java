package io.redisfuse.frontend.fuse;

import jnr.ffi.Pointer;

/**
 * {@code struct fuse_file_info} of libfuse 2 where pointers have 64 bits. Read by hand, since
 * jnr-fuse's own class misplaces the bits between {@code writepage} and {@code fh}.
 */
final class FileInfo {

  private static final int FLAGS = 0;
  private static final int HANDLE = 24;

  private FileInfo() {}

  /** The flags of {@code open(2)}. */
  static int flags(Pointer fileInfo) {
    return fileInfo.getInt(FLAGS);
  }

  static long handle(Pointer fileInfo) {
    return fileInfo.getLong(HANDLE);
  }

  static void setHandle(Pointer fileInfo, long handle) {
    fileInfo.putLong(HANDLE, handle);
  }
}
