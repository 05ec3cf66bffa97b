package io.redisfuse.frontend.files;

/** Why an operation failed, in the words of POSIX. A binding maps each to its errno. */
public enum FsError {
  /** ENOENT: there is nothing of that name. */
  NO_ENTRY,
  /** EEXIST: the name is taken. */
  EXISTS,
  /** ENOTDIR: a directory was needed. */
  NOT_DIRECTORY,
  /** EISDIR: a directory cannot be used so. */
  IS_DIRECTORY,
  /** ENOTEMPTY: the directory still holds something. */
  NOT_EMPTY,
  /** EACCES: the file cannot be used so, whoever asks: a collection cannot be written. */
  ACCESS,
  /** EPERM: the operation does not exist here. */
  NOT_PERMITTED,
  /** EROFS: the mount, or the store, takes no writes. */
  READ_ONLY,
  /** EINVAL: an argument or a name that cannot be. */
  INVALID,
  /** ENAMETOOLONG: a new name of over 255 bytes. */
  NAME_TOO_LONG,
  /** ELOOP: a symbolic link where a file was needed. */
  LOOP,
  /** EXDEV: the move must be done by copying. */
  CROSS_DEVICE,
  /** EFBIG: larger than the store takes. */
  TOO_LARGE,
  /** ENOSPC: the store is full. */
  NO_SPACE,
  /** EBADF: no such handle, or one that is not open for this. */
  BAD_HANDLE,
  /** ESTALE: what the handle was opened on does not exist any more. */
  STALE,
  /** EBUSY: somebody else changed the cell since it was opened; nothing was overwritten. */
  CONFLICT,
  /** ENOLCK: the store does not let this mount keep locks. */
  NO_LOCKS,
  /** EIO: the store could not be reached in time, or said something unexpected. */
  IO
}
