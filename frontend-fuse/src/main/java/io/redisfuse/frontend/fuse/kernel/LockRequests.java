package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.Lock;
import io.redisfuse.frontend.files.locks.LockKind;
import io.redisfuse.frontend.files.locks.LockRange;
import io.redisfuse.frontend.files.locks.LockType;
import java.util.Optional;

/**
 * What the kernel asks of locks: {@code struct fuse_lk_in} (fh, owner, {@code struct
 * fuse_file_lock} of start, end, type and pid, lk_flags, padding) and what the ends of descriptors
 * mean for them.
 */
final class LockRequests {

  /** {@code F_RDLCK}, {@code F_WRLCK}, {@code F_UNLCK} of {@code asm-generic/fcntl.h}. */
  private static final int SHARED = 0;

  private static final int EXCLUSIVE = 1;
  private static final int NONE = 2;

  /** {@code FUSE_LK_FLOCK}: of {@code flock(2)}. */
  private static final int WHOLE = 1;

  /** {@code FUSE_RELEASE_FLOCK_UNLOCK}: something was locked so. */
  private static final int RELEASES_WHOLE = 1 << 1;

  private final FileLocks locks;
  private final LockWaits waits;

  LockRequests(FileLocks locks, LockWaits waits) {
    this.locks = locks;
    this.waits = waits;
  }

  /** Whether what is opened now must tell when each of its descriptors is closed. */
  boolean mustFlush(long node) {
    return locks.areUsed(node);
  }

  /** GETLK: which lock is in the way, if any. */
  void get(Request request, Reply reply) {
    Lock wanted = wanted(request);
    Optional<Lock> obstacle = locks.obstacle(request.node(), wanted);
    // struct fuse_lk_out
    if (obstacle.isPresent()) {
      Lock lock = obstacle.get();
      reply.u64(lock.range().first()).u64(lock.range().last());
      reply.u32(lock.type() == LockType.SHARED ? SHARED : EXCLUSIVE).u32(lock.process());
    } else {
      reply.u64(wanted.range().first()).u64(wanted.range().last()).u32(NONE).u32(0);
    }
  }

  /** SETLK: now or not at all. */
  Operations.Undo set(Request request, Reply reply) {
    if (givesBack(request)) {
      return Operations.Undo.NOTHING;
    }
    Lock wanted = wanted(request);
    if (!locks.take(request.node(), wanted)) {
      reply.fail(Errno.EAGAIN);
      return Operations.Undo.NOTHING;
    }
    return undo(request.node(), wanted);
  }

  /** SETLKW: now, or later, when the reply is sent by whoever makes the lock free. */
  Operations.Undo setOrWait(Request request) {
    if (givesBack(request)) {
      return Operations.Undo.NOTHING;
    }
    waits.begin(request.unique(), request.node(), wanted(request));
    return Operations.Undo.ANSWERED_LATER;
  }

  private Operations.Undo undo(long node, Lock taken) {
    return () -> locks.giveBack(node, taken.kind(), taken.owner(), taken.range());
  }

  private boolean givesBack(Request request) {
    if (request.u32(32) != NONE) {
      return false;
    }
    locks.giveBack(request.node(), kind(request), request.u64(8), range(request));
    return true;
  }

  /**
   * A descriptor was closed: {@code struct fuse_flush_in} (fh, unused, padding, lock_owner). To be
   * called when what was written is saved, so that who gets the lock sees it.
   */
  void flushed(Request request) {
    locks.giveBack(request.node(), LockKind.RECORD, request.u64(16), LockRange.ALL);
  }

  /**
   * The last descriptor is gone: {@code struct fuse_release_in} (fh, flags, release_flags,
   * lock_owner). Of those who are not told of each close it is the only sign.
   */
  void released(Request request) {
    if ((request.u32(12) & RELEASES_WHOLE) != 0) {
      locks.giveBack(request.node(), LockKind.WHOLE, request.u64(16), LockRange.ALL);
    }
    locks.released(request.node(), request.u64(0));
  }

  private static Lock wanted(Request request) {
    LockType type =
        switch (request.u32(32)) {
          case SHARED -> LockType.SHARED;
          case EXCLUSIVE -> LockType.EXCLUSIVE;
          default -> throw new FsException(FsError.INVALID, "There is no such type of a lock.");
        };
    return new Lock(
        kind(request), type, range(request), request.u64(8), request.u32(36), request.u64(0));
  }

  private static LockKind kind(Request request) {
    return (request.u32(40) & WHOLE) != 0 ? LockKind.WHOLE : LockKind.RECORD;
  }

  private static LockRange range(Request request) {
    long first = request.u64(16);
    long last = request.u64(24);
    if (first < 0 || last < first) {
      throw new FsException(FsError.INVALID, "A lock must be of some bytes.");
    }
    return new LockRange(first, last);
  }
}
