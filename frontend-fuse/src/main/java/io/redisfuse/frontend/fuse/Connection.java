package io.redisfuse.frontend.fuse;

/** A mount's connection to the kernel, of either binding. */
interface Connection {

  /**
   * Serves requests with {@code threads} threads until the kernel has let go of the mount (it is
   * unmounted, and no file in it is open), then frees what belongs to it.
   */
  void serve(int threads);

  /** From now on every request is answered with ENODEV, and the file system is left alone. */
  void end();
}
