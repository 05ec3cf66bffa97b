package io.redisfuse.frontend.files.locks;

/**
 * Who waits for a lock. Is told once, by whichever thread makes it so, which holds no lock of ours;
 * it must not wait for anything.
 */
public interface LockAnswer {

  /** The lock is held from now on. */
  void granted();

  void refused(LockRefusal why);
}
