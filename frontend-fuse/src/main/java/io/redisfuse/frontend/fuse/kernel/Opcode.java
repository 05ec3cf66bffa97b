package io.redisfuse.frontend.fuse.kernel;

/**
 * {@code enum fuse_opcode} of {@code linux/fuse.h}: those that are answered otherwise than with
 * ENOSYS.
 */
final class Opcode {

  static final int LOOKUP = 1;
  static final int FORGET = 2;
  static final int GETATTR = 3;
  static final int SETATTR = 4;
  static final int READLINK = 5;
  static final int SYMLINK = 6;
  static final int MKNOD = 8;
  static final int MKDIR = 9;
  static final int UNLINK = 10;
  static final int RMDIR = 11;
  static final int RENAME = 12;
  static final int LINK = 13;
  static final int OPEN = 14;
  static final int READ = 15;
  static final int WRITE = 16;
  static final int STATFS = 17;
  static final int RELEASE = 18;
  static final int FSYNC = 20;
  static final int FLUSH = 25;
  static final int INIT = 26;
  static final int OPENDIR = 27;
  static final int READDIR = 28;
  static final int RELEASEDIR = 29;
  static final int FSYNCDIR = 30;
  static final int GETLK = 31;
  static final int SETLK = 32;
  static final int SETLKW = 33;
  static final int CREATE = 35;
  static final int INTERRUPT = 36;
  static final int DESTROY = 38;
  static final int IOCTL = 39;
  static final int BATCH_FORGET = 42;
  static final int READDIRPLUS = 44;
  static final int RENAME2 = 45;

  private Opcode() {}

  static boolean isOfLock(int opcode) {
    return opcode == GETLK || opcode == SETLK || opcode == SETLKW;
  }

  /** For logs. */
  static String name(int opcode) {
    return switch (opcode) {
      case LOOKUP -> "lookup";
      case FORGET, BATCH_FORGET -> "forget";
      case GETATTR -> "getattr";
      case SETATTR -> "setattr";
      case READLINK -> "readlink";
      case SYMLINK -> "symlink";
      case MKNOD -> "mknod";
      case MKDIR -> "mkdir";
      case UNLINK -> "unlink";
      case RMDIR -> "rmdir";
      case RENAME, RENAME2 -> "rename";
      case LINK -> "link";
      case OPEN -> "open";
      case READ -> "read";
      case WRITE -> "write";
      case STATFS -> "statfs";
      case RELEASE -> "release";
      case FSYNC -> "fsync";
      case FLUSH -> "flush";
      case INIT -> "init";
      case OPENDIR -> "opendir";
      case READDIR, READDIRPLUS -> "readdir";
      case RELEASEDIR -> "releasedir";
      case FSYNCDIR -> "fsyncdir";
      case GETLK -> "getlk";
      case SETLK -> "setlk";
      case SETLKW -> "setlkw";
      case CREATE -> "create";
      case INTERRUPT -> "interrupt";
      case DESTROY -> "destroy";
      case IOCTL -> "ioctl";
      default -> "request " + opcode;
    };
  }
}
