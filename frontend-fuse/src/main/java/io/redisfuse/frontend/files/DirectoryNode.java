package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Instant;
import java.util.Optional;

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

  @Override
  Optional<Bytes> stem() {
    return Optional.of(((Identity.OfDirectory) identity()).stem());
  }
}
