package io.redisfuse.frontend.fuse.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel and we agree on at the start: {@code struct fuse_init_in} and {@code struct
 * fuse_init_out} of {@code linux/fuse.h}.
 */
final class Negotiation {

  private static final Logger log = LoggerFactory.getLogger(Negotiation.class);

  /** The largest write. */
  static final int MAX_WRITE_BYTES = 1 << 20;

  private static final int MAJOR = 7;

  /** What we speak; the kernel speaks the older of that and of its own. */
  private static final int MINOR = 38;

  /** Since Linux 5.4; all that is used here was there then. */
  private static final int OLDEST_MINOR = 31;

  /** Since Linux 6.16. */
  private static final int EPOCHS_MINOR = 44;

  private static final int PAGE_BYTES = 4096;

  private static final int ASYNC_READ = 1;
  private static final int POSIX_LOCKS = 1 << 1;
  private static final int ATOMIC_O_TRUNC = 1 << 3;
  private static final int BIG_WRITES = 1 << 5;
  private static final int FLOCK_LOCKS = 1 << 10;

  /**
   * Who reads through the kernel's cache has it ask for the size if it does not know that for sure:
   * else it would read up to the size that it last knew.
   */
  private static final int AUTO_INVAL_DATA = 1 << 12;

  private static final int DO_READDIRPLUS = 1 << 13;
  private static final int READDIRPLUS_AUTO = 1 << 14;
  private static final int PARALLEL_DIROPS = 1 << 18;
  private static final int MAX_PAGES = 1 << 22;
  private static final int CACHE_SYMLINKS = 1 << 23;

  /** There are more flags. */
  private static final int INIT_EXT = 1 << 30;

  /**
   * {@code FUSE_DIRECT_IO_ALLOW_MMAP}, of the second 32 flags: a file can be mapped, and shared,
   * also where it is read and written past the cache.
   */
  private static final int DIRECT_IO_ALLOW_MMAP = 1 << 4;

  private static final int WANTED =
      ASYNC_READ
          | POSIX_LOCKS
          | ATOMIC_O_TRUNC
          | BIG_WRITES
          | FLOCK_LOCKS
          | AUTO_INVAL_DATA
          | DO_READDIRPLUS
          | READDIRPLUS_AUTO
          | PARALLEL_DIROPS
          | MAX_PAGES
          | CACHE_SYMLINKS
          | INIT_EXT;

  private static final int MAX_BACKGROUND = 64;
  private static final int CONGESTION = 48;

  /** What of {@code struct fuse_init_out} follows on what is set. */
  private static final int RESERVED_BYTES = 28;

  private Negotiation() {}

  /** Whether the kernel that asks this can let go of all names at once. */
  static boolean hasEpochs(Request request) {
    return request.u32(0) == MAJOR && request.u32(4) >= EPOCHS_MINOR;
  }

  /** Answers the kernel's first request. */
  static void answer(Request request, Reply reply) {
    int major = request.u32(0);
    int minor = request.u32(4);
    int readahead = request.u32(8);
    int offered = request.u32(12);
    int moreOffered = (offered & INIT_EXT) == 0 ? 0 : request.u32(16);
    if (major > MAJOR) {
      // The kernel asks again, in the version that it is told.
      reply.u32(MAJOR).u32(MINOR).zeros(8);
      return;
    }
    if (major < MAJOR || minor < OLDEST_MINOR) {
      log.error(
          "The kernel speaks version {}.{} of the FUSE protocol, which is too old:"
              + " mount with --binding libfuse, or use Linux 5.4 or later.",
          major,
          minor);
      reply.fail(Errno.EPROTO);
      return;
    }
    log.debug("The kernel speaks FUSE {}.{} and offers {}.", major, minor, offered);
    reply.u32(MAJOR).u32(Math.min(MINOR, minor)).u32(readahead).u32(offered & WANTED);
    reply.u16(MAX_BACKGROUND).u16(CONGESTION);
    reply.u32(MAX_WRITE_BYTES);
    // Times are told to the nanosecond.
    reply.u32(1);
    reply.u16(MAX_WRITE_BYTES / PAGE_BYTES).u16(/* map_alignment */ 0);
    reply.u32(moreOffered & DIRECT_IO_ALLOW_MMAP);
    reply.zeros(RESERVED_BYTES);
  }
}
