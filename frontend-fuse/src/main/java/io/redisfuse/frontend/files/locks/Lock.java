package io.redisfuse.frontend.files.locks;

import java.util.Objects;

/**
 * A lock that is wanted or held.
 *
 * @param owner who has it, as a number that the kernel chooses
 * @param process the process that asked for it
 * @param handle through which it was asked for: the lock goes with it at the latest
 */
public record Lock(
    LockKind kind, LockType type, LockRange range, long owner, int process, long handle) {

  public Lock {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(range, "range");
  }

  boolean excludes(Lock other) {
    return owner != other.owner && clashes(other);
  }

  /** Whether both cannot be held, if their owners are different. */
  boolean clashes(Lock other) {
    return kind == other.kind
        && (type == LockType.EXCLUSIVE || other.type == LockType.EXCLUSIVE)
        && range.overlaps(other.range);
  }

  boolean isOf(LockKind otherKind, long otherOwner) {
    return kind == otherKind && owner == otherOwner;
  }

  Lock withRange(LockRange other) {
    return new Lock(kind, type, other, owner, process, handle);
  }

  /** Whether two locks are one but for their ranges. */
  boolean isLike(Lock other) {
    return equals(other.withRange(range));
  }
}
