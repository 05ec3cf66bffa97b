package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Instant;

/** A directory. */
final class DirectoryNode extends Node {

  DirectoryNode(
      long id, long inode, Identity.OfDirectory identity, Ownership ownership, Instant since) {
    super(id, inode, identity, ownership, since);
  }

  @Override
  FileKind kind() {
    return FileKind.DIRECTORY;
  }

  /** What all keys in it start with. */
  Bytes keyStem() {
    return ((Identity.OfDirectory) identity()).stem();
  }
}
