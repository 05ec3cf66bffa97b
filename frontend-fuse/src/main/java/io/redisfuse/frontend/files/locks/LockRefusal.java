package io.redisfuse.frontend.files.locks;

/** Why who waited for a lock does not get it. */
public enum LockRefusal {
  /** The wait was cancelled. */
  CANCELLED,

  /** Its holder waits, perhaps through others, for who wants it. */
  DEADLOCK,

  /** The store lets nobody know of locks. */
  REFUSED
}
