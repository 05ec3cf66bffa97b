package io.redisfuse.daemon;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ContentSink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Compares what a cell holds with a file, while the cell is read, and remembers the content if that
 * is short. Until something is read, the cell counts as empty. Not safe for threads.
 */
final class Comparison implements ContentSink, Closeable {

  private static final int PART = 1 << 16;

  private final FileChannel file;
  private final long fileSize;
  private final long longest;
  private final ByteBuffer expected = ByteBuffer.allocate(PART);

  private long size;
  private long compared;
  private OptionalLong difference = OptionalLong.empty();
  private Optional<ByteBuffer> content = Optional.of(ByteBuffer.allocate(0));

  /**
   * A comparison with {@code file}.
   *
   * @param longest up to how many bytes of content are remembered
   */
  Comparison(Path file, long longest) throws IOException {
    this.file = FileChannel.open(file, StandardOpenOption.READ);
    this.fileSize = this.file.size();
    this.longest = longest;
  }

  @Override
  public void start(long newSize) {
    size = newSize;
    compared = 0;
    difference = OptionalLong.empty();
    content =
        newSize <= longest
            ? Optional.of(ByteBuffer.allocate(Math.toIntExact(newSize)))
            : Optional.empty();
  }

  @Override
  public void accept(ByteBuffer part) throws IOException {
    content.ifPresent(all -> all.put(part.duplicate()));
    while (part.hasRemaining()) {
      compareSome(part);
    }
  }

  /** How long the cell's content is. */
  long size() {
    return size;
  }

  /** The offset of the first byte that one of them has and the other has not; empty if equal. */
  OptionalLong firstDifference() {
    return difference.isPresent() || size == fileSize
        ? difference
        : OptionalLong.of(Math.min(size, fileSize));
  }

  /** The cell's content, if it is short. */
  Optional<Bytes> content() {
    return content.map(all -> Bytes.copyOf(all.duplicate().flip()));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void compareSome(ByteBuffer part) throws IOException {
    int length = Math.min(part.remaining(), PART);
    ByteBuffer some = part.duplicate().limit(part.position() + length);
    part.position(part.position() + length);
    if (difference.isEmpty()) {
      expected.clear().limit(length);
      while (expected.hasRemaining() && file.read(expected, compared + expected.position()) >= 0) {
        // Reads on until all is there, or the file ends.
      }
      int same = some.mismatch(expected.flip());
      if (same >= 0) {
        difference = OptionalLong.of(compared + same);
      }
    }
    compared += length;
  }
}
