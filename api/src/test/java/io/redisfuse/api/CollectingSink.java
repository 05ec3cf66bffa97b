package io.redisfuse.api;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Keeps all that a read sent since its last start. */
final class CollectingSink implements ContentSink {

  private long announced = -1;
  private ByteArrayOutputStream collected = new ByteArrayOutputStream();

  @Override
  public void start(long size) {
    announced = size;
    collected = new ByteArrayOutputStream(Math.toIntExact(size));
  }

  @Override
  public void accept(ByteBuffer part) {
    if (announced < 0) {
      throw new AssertionError("a part before the start");
    }
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    collected.writeBytes(bytes);
  }

  /** The size that the last start announced, or -1 if there was none. */
  long announced() {
    return announced;
  }

  Bytes content() {
    return Bytes.wrap(collected.toByteArray());
  }
}
