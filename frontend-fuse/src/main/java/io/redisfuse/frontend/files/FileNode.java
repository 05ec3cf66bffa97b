package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import java.time.Instant;

/** A file whose content is a cell. */
final class FileNode extends Node {

  private final OpenFile file;

  FileNode(
      long id,
      long inode,
      Identity.OfCell identity,
      Ownership ownership,
      Instant since,
      Store store) {
    super(id, inode, identity, ownership, since);
    this.file = new OpenFile(this, store);
  }

  @Override
  FileKind kind() {
    return FileKind.FILE;
  }

  Cell cell() {
    return ((Identity.OfCell) identity()).cell();
  }

  /** What is shared by all handles of the file. */
  OpenFile file() {
    return file;
  }
}
