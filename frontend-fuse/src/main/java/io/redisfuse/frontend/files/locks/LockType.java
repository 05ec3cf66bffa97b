package io.redisfuse.frontend.files.locks;

/** Whom a lock lets in beside its owner. */
public enum LockType {
  /** Others who read, too. */
  SHARED,

  /** Nobody. */
  EXCLUSIVE
}
