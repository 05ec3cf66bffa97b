package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Instant;

/** A read-only file that shows a list, set, sorted set or stream. */
final class CollectionNode extends Node {

  CollectionNode(
      long id, long inode, Identity.OfCollection identity, Ownership ownership, Instant since) {
    super(id, inode, identity, ownership, since);
  }

  @Override
  FileKind kind() {
    return FileKind.FILE;
  }

  Bytes key() {
    return ((Identity.OfCollection) identity()).key();
  }
}
