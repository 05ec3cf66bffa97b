package io.redisfuse.frontend.fuse;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;

/** The function of the C library that is used here. Public only because jnr implements it. */
public interface LibC {

  /** {@code MNT_DETACH}: the path is free at once, what is open lives on. */
  int MNT_DETACH = 2;

  static LibC load() {
    return LibraryLoader.create(LibC.class).load("c");
  }

  int umount2(Pointer path, int flags);
}
