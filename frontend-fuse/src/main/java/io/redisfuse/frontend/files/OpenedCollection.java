package io.redisfuse.frontend.files;

import java.nio.ByteBuffer;

/** A collection, as it was when it was opened. */
final class OpenedCollection implements Opened {

  private final CollectionNode node;
  private final Content text;
  private final NodeTable nodes;

  /**
   * @param node held until the release
   */
  OpenedCollection(CollectionNode node, Content text, NodeTable nodes) {
    this.node = node;
    this.text = text;
    this.nodes = nodes;
  }

  @Override
  public Attributes attributes() {
    node.telling();
    return node.attributes(text.size());
  }

  @Override
  public int read(long offset, ByteBuffer into) {
    return text.read(offset, into);
  }

  @Override
  public int write(long offset, ByteBuffer from) {
    throw Opened.notOpenFor("writing");
  }

  @Override
  public void resize(long size) {
    throw Opened.notOpenFor("writing");
  }

  @Override
  public void flush(Caller caller) {
    // Nothing can have been written.
  }

  @Override
  public void fsync() {
    // Nothing can have been written.
  }

  @Override
  public void release() {
    text.close();
    nodes.drop(node);
  }
}
