package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.Lock;
import io.redisfuse.frontend.files.locks.LockAnswer;
import io.redisfuse.frontend.files.locks.LockCount;
import io.redisfuse.frontend.files.locks.LockKind;
import io.redisfuse.frontend.files.locks.LockRange;
import java.util.Optional;
import java.util.function.Supplier;

/** Locks that fail as everything else does. */
final class ReportedLocks implements FileLocks {

  private final FileLocks locks;

  ReportedLocks(FileLocks locks) {
    this.locks = locks;
  }

  private static <T> T translated(Supplier<T> operation) {
    try {
      return operation.get();
    } catch (RefusedException e) {
      // To programs that lock something, "permission denied" says that somebody else has it.
      throw new FsException(FsError.NO_LOCKS, e.getMessage(), e);
    } catch (BackendException e) {
      throw BackendErrors.translate(e);
    }
  }

  @Override
  public Optional<Lock> obstacle(long node, Lock wanted) {
    return translated(() -> locks.obstacle(node, wanted));
  }

  @Override
  public boolean take(long node, Lock wanted) {
    return translated(() -> locks.take(node, wanted));
  }

  @Override
  public void await(long node, Lock wanted, LockAnswer answer) {
    locks.await(node, wanted, answer);
  }

  @Override
  public void cancel(LockAnswer waiting) {
    locks.cancel(waiting);
  }

  @Override
  public void giveBack(long node, LockKind kind, long owner, LockRange range) {
    locks.giveBack(node, kind, owner, range);
  }

  @Override
  public void released(long node, long handle) {
    locks.released(node, handle);
  }

  @Override
  public LockCount count() {
    return locks.count();
  }

  @Override
  public void close() {
    locks.close();
  }

  @Override
  public boolean areUsed(long node) {
    return locks.areUsed(node);
  }
}
