package io.redisfuse.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the content of a cell that may be too large for the heap, part by part. */
public interface ContentSink {

  /**
   * The content starts, or starts again because it changed while it was read: forget what came so
   * far.
   *
   * @param size the size of the whole content in bytes
   */
  void start(long size) throws IOException;

  /** The next part, in order. The sink consumes it and does not keep the buffer. */
  void accept(ByteBuffer part) throws IOException;
}
