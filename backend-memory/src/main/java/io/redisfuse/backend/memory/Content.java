package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The immutable content of a cell, in chunks. A patch or append copies the chunks that it touches
 * and the table of the chunks, but none of the others: of 64 MiB some 50 KiB.
 *
 * <p>The version is computed when it is first asked for, and kept.
 */
final class Content {

  static final int CHUNK = 32 * 1024;

  /** As of Redis, whose {@code proto-max-bulk-len} is 512 MB unless it was configured. */
  static final int LIMIT = 512 * 1024 * 1024;

  static final Content EMPTY = new Content(new byte[0][], 0);

  private static final byte[] ZEROS = new byte[CHUNK];

  /** All chunks but the last are full; the last has no spare room. None is ever written to. */
  private final byte[][] chunks;

  private final int size;

  /** Computed at most a few times: two threads that race for it find the same. */
  private volatile Version version;

  private Content(byte[][] chunks, int size) {
    this.chunks = chunks;
    this.size = size;
  }

  static Content of(Bytes bytes) {
    if (bytes.isEmpty()) {
      return EMPTY;
    }
    byte[] array = bytes.unsafeArray();
    if (array.length <= CHUNK) {
      return new Content(new byte[][] {array}, array.length);
    }
    byte[][] chunks = new byte[chunkCount(array.length)][];
    for (int i = 0; i < chunks.length; i++) {
      int start = i * CHUNK;
      chunks[i] = Arrays.copyOfRange(array, start, Math.min(array.length, start + CHUNK));
    }
    return new Content(chunks, array.length);
  }

  private static int chunkCount(int size) {
    return (size + CHUNK - 1) / CHUNK;
  }

  int size() {
    return size;
  }

  Version version() {
    Version known = version;
    if (known == null) {
      Version.Digester digester = Version.digester();
      for (byte[] chunk : chunks) {
        digester.update(ByteBuffer.wrap(chunk));
      }
      known = digester.version();
      version = known;
    }
    return known;
  }

  /** All bytes; a copy only if there are several chunks. */
  Bytes bytes() {
    return chunks.length == 1 ? Bytes.wrap(chunks[0]) : bytes(0, size);
  }

  /** A copy of up to {@code length} bytes from {@code offset}: fewer at the end, none beyond it. */
  Bytes bytes(long offset, int length) {
    if (offset >= size) {
      return Bytes.EMPTY;
    }
    int start = (int) offset;
    byte[] part = new byte[Math.min(length, size - start)];
    int copied = 0;
    while (copied < part.length) {
      byte[] chunk = chunks[(start + copied) / CHUNK];
      int from = (start + copied) % CHUNK;
      int count = Math.min(chunk.length - from, part.length - copied);
      System.arraycopy(chunk, from, part, copied, count);
      copied += count;
    }
    return Bytes.wrap(part);
  }

  void sendTo(ContentSink sink) throws IOException {
    sink.start(size);
    for (byte[] chunk : chunks) {
      sink.accept(ByteBuffer.wrap(chunk).asReadOnlyBuffer());
    }
  }

  Content appended(Bytes part) {
    return patched(size, part);
  }

  /**
   * This content with {@code part} written at {@code offset}, and zeros in a gap before it. The
   * result fits {@link #LIMIT}.
   */
  Content patched(long offset, Bytes part) {
    if (part.isEmpty()) {
      return this;
    }
    int start = Math.toIntExact(offset);
    int end = Math.addExact(start, part.length());
    int newSize = Math.max(size, end);
    byte[][] patched = Arrays.copyOf(chunks, chunkCount(newSize));
    resizeLast(patched, newSize);
    byte[] source = part.unsafeArray();
    for (int at = start; at < end; ) {
      int index = at / CHUNK;
      int from = at % CHUNK;
      int count = Math.min(CHUNK - from, end - at);
      byte[] chunk = writable(patched, index);
      System.arraycopy(source, at - start, chunk, from, count);
      at += count;
    }
    return new Content(patched, newSize);
  }

  /** Fills what is new in {@code grown} with zeros, so that every chunk has its size. */
  private void resizeLast(byte[][] grown, int newSize) {
    for (int i = Math.max(0, chunks.length - 1); i < grown.length; i++) {
      int length = Math.min(CHUNK, newSize - i * CHUNK);
      if (grown[i] == null) {
        grown[i] = length == CHUNK ? ZEROS : new byte[length];
      } else if (grown[i].length < length) {
        grown[i] = Arrays.copyOf(grown[i], length);
      }
    }
  }

  /** The chunk at {@code index}, replaced by a copy if anyone else may hold it. */
  private byte[] writable(byte[][] patched, int index) {
    byte[] chunk = patched[index];
    if (chunk == ZEROS || (index < chunks.length && chunk == chunks[index])) {
      chunk = chunk.clone();
      patched[index] = chunk;
    }
    return chunk;
  }
}
