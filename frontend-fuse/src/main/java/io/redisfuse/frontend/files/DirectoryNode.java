package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Instant;

/** A directory. */
final class DirectoryNode extends Node {

  private volatile boolean followed;

  DirectoryNode(
      long id, long inode, Identity.OfDirectory identity, Ownership ownership, Instant since) {
    super(id, inode, identity, ownership, since);
  }

  @Override
  FileKind kind() {
    return FileKind.DIRECTORY;
  }

  /**
   * Others have changed what is in it.
   *
   * @return whether anybody was told its attributes since the last change
   */
  boolean entriesChanged(Instant when) {
    followed = true;
    changedAfter(when);
    return takeTold();
  }

  /** Whether its time has followed changes of others, which is to be kept for a while. */
  boolean isFollowed() {
    return followed;
  }

  /** What all keys in it start with. */
  Bytes keyStem() {
    return ((Identity.OfDirectory) identity()).stem();
  }
}
