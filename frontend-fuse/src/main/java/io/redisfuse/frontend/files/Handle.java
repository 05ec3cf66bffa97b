package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.Optional;

/** One open of a file. Its mutable state is guarded by the lock of its {@link OpenFile}. */
final class Handle {

  private final FileNode node;
  private final OpenMode mode;
  private final Caller opener;
  private Version base;
  private FsException failure;
  private boolean dirty;

  Handle(FileNode node, OpenMode mode, Caller opener) {
    this.node = node;
    this.mode = mode;
    this.opener = opener;
  }

  FileNode node() {
    return node;
  }

  OpenMode mode() {
    return mode;
  }

  Caller opener() {
    return opener;
  }

  /**
   * The version that a save through this handle expects, if it is known yet: of a large value it is
   * known when the value is first read.
   */
  Optional<Version> base() {
    return Optional.ofNullable(base);
  }

  void base(Version version) {
    base = version;
  }

  /** Whether something written through this handle waits to be saved. */
  boolean isDirty() {
    return dirty;
  }

  void dirty() {
    dirty = true;
  }

  void clean() {
    dirty = false;
  }

  /** Why what was written through this handle was rejected, if it was. */
  Optional<FsException> failure() {
    return Optional.ofNullable(failure);
  }

  void fail(FsException why) {
    failure = why;
  }
}
