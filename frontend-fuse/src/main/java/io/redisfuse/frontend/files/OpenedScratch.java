package io.redisfuse.frontend.files;

import java.nio.ByteBuffer;
import java.util.Optional;

/** A scratch file. What is written is there at once, and nowhere else. */
final class OpenedScratch implements Opened {

  private final ScratchNode node;
  private final OpenMode mode;
  private final Optional<ProcessId> process;
  private final ScratchFiles scratch;
  private final NodeTable nodes;

  /**
   * @param node held until the release
   */
  OpenedScratch(
      ScratchNode node,
      OpenMode mode,
      Optional<ProcessId> process,
      ScratchFiles scratch,
      NodeTable nodes) {
    this.node = node;
    this.mode = mode;
    this.process = process;
    this.scratch = scratch;
    this.nodes = nodes;
    node.opened();
  }

  ScratchNode node() {
    return node;
  }

  OpenMode mode() {
    return mode;
  }

  Optional<ProcessId> process() {
    return process;
  }

  @Override
  public Attributes attributes() {
    return node.attributes(node.size());
  }

  @Override
  public int read(long offset, ByteBuffer into) {
    if (!mode.reads()) {
      throw Opened.notOpenFor("reading");
    }
    return node.read(offset, into);
  }

  @Override
  public int write(long offset, ByteBuffer from) {
    requireWriting();
    int length = node.write(mode, offset, from);
    scratch.written(node);
    return length;
  }

  @Override
  public void resize(long size) {
    requireWriting();
    node.resize(size);
    scratch.written(node);
  }

  private void requireWriting() {
    if (!mode.writes()) {
      throw Opened.notOpenFor("writing");
    }
  }

  @Override
  public void flush(Caller caller) {
    // It is where it belongs.
  }

  @Override
  public void fsync() {
    // It need not survive the mount.
  }

  @Override
  public void release() {
    node.released();
    nodes.drop(node);
  }
}
