package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Instant;

/** A symbolic link, on this machine only: emacs and joe lock files with such. */
final class SymlinkNode extends Node {

  SymlinkNode(long id, long inode, Identity.OfLink identity, Ownership ownership, Instant since) {
    super(id, inode, identity, new Ownership(0777, ownership.owner(), ownership.group()), since);
  }

  @Override
  FileKind kind() {
    return FileKind.SYMLINK;
  }

  Bytes target() {
    return ((Identity.OfLink) identity()).target();
  }
}
