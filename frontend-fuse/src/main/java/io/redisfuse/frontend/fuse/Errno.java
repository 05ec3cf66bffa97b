package io.redisfuse.frontend.fuse;

import io.redisfuse.frontend.files.FsError;

/** The numbers of Linux' {@code asm-generic/errno.h}, and the one table from {@link FsError}. */
final class Errno {

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EIO = 5;
  static final int EBADF = 9;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENODEV = 19;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int ENAMETOOLONG = 36;
  static final int ENOTEMPTY = 39;
  static final int ELOOP = 40;
  static final int ESTALE = 116;

  private Errno() {}

  static int of(FsError error) {
    return switch (error) {
      case NO_ENTRY -> ENOENT;
      case EXISTS -> EEXIST;
      case NOT_DIRECTORY -> ENOTDIR;
      case IS_DIRECTORY -> EISDIR;
      case NOT_EMPTY -> ENOTEMPTY;
      case ACCESS -> EACCES;
      case NOT_PERMITTED -> EPERM;
      case READ_ONLY -> EROFS;
      case INVALID -> EINVAL;
      case NAME_TOO_LONG -> ENAMETOOLONG;
      case LOOP -> ELOOP;
      case CROSS_DEVICE -> EXDEV;
      case TOO_LARGE -> EFBIG;
      case NO_SPACE -> ENOSPC;
      case BAD_HANDLE -> EBADF;
      case STALE -> ESTALE;
      case CONFLICT -> EBUSY;
      case IO -> EIO;
    };
  }
}
