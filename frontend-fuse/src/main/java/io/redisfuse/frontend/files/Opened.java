package io.redisfuse.frontend.files;

import java.nio.ByteBuffer;

/** What a handle of a file stands for. Safe for threads. */
interface Opened {

  /** In accord with what the handle reads. */
  Attributes attributes();

  /** See {@link FileSystem#bypassesCache}. */
  default boolean bypassesCache() {
    return false;
  }

  /** See {@link FileSystem#keepsCache}. */
  default boolean keepsCache() {
    return false;
  }

  /** See {@link FileSystem#outdatesAttributes}. */
  default boolean outdatesAttributes() {
    return false;
  }

  int read(long offset, ByteBuffer into);

  int write(long offset, ByteBuffer from);

  /** {@code ftruncate(2)}. */
  void resize(long size);

  /** The number of the handle. */
  default void numbered(long number) {}

  /** Who has got a lock of the file is to see what others have done. */
  default void refresh() {}

  /** A descriptor was closed. */
  void flush(Caller caller);

  void fsync();

  /** Saves what is dirty, as durably as a close does. */
  default void save() {}

  /** The last descriptor is gone. Never fails. */
  void release();

  /** Nobody has got the handle. Never fails. */
  default void takeBack() {
    release();
  }

  /** The mount ends: saves what is dirty, as far as it can be. */
  default void leave() {}

  static FsException notOpenFor(String what) {
    return new FsException(FsError.BAD_HANDLE, "The handle is not open for " + what + ".");
  }
}
