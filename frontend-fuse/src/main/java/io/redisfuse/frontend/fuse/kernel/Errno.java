package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.locks.LockRefusal;

/** The numbers of Linux' {@code asm-generic/errno.h}, and the one table from {@link FsError}. */
public final class Errno {

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENOTTY = 25;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EDEADLK = 35;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int EPROTO = 71;
  public static final int ESTALE = 116;

  private Errno() {}

  static int of(LockRefusal refusal) {
    return switch (refusal) {
      case CANCELLED -> EINTR;
      case DEADLOCK -> EDEADLK;
      case REFUSED -> ENOLCK;
    };
  }

  public static int of(FsError error) {
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
      case NO_LOCKS -> ENOLCK;
      case IO -> EIO;
    };
  }
}
