package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;

/**
 * One line of a listing.
 *
 * @param isCostly whether to tell its size takes much, so that nobody should be told who did not
 *     ask
 */
public record DirectoryEntry(Bytes name, FileKind kind, long inode, boolean isCostly) {

  /** An entry whose size is told easily. */
  public DirectoryEntry(Bytes name, FileKind kind, long inode) {
    this(name, kind, inode, /* isCostly= */ false);
  }
}
