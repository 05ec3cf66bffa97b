package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The bytes of an open file: on the heap while they are few, in an unlinked temporary file when
 * they are many. Not safe for threads.
 */
final class Content implements Closeable {

  /** Above this many bytes the content moves from the heap to a file. */
  static final int HEAP_LIMIT = 4 << 20;

  private static final int PART = 1 << 20;

  private byte[] heap = new byte[0];
  private FileChannel spill;
  private long size;

  static Content empty() {
    return new Content();
  }

  static Content of(Bytes bytes) {
    Content content = new Content();
    content.write(0, bytes.asByteBuffer());
    return content;
  }

  /**
   * Reads a cell into {@code content}, which is empty.
   *
   * @return its version; empty if the cell does not exist or its key is of another type
   */
  static Optional<Version> load(Backend backend, Cell cell, Content content) {
    try {
      return backend.read(
          cell,
          new ContentSink() {
            @Override
            public void start(long size) {
              content.resize(0);
            }

            @Override
            public void accept(ByteBuffer part) {
              content.write(content.size(), part);
            }
          });
    } catch (WrongTypeException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long size() {
    return size;
  }

  /** How many bytes of the heap it takes. */
  int heapBytes() {
    return heap.length;
  }

  /** Moves to a file what is on the heap. */
  void leaveHeap() {
    if (spill == null && size > 0) {
      try {
        moveToFile();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Reads what is there from {@code offset} on; returns the number of bytes, 0 at the end. */
  int read(long offset, ByteBuffer into) {
    if (offset >= size || !into.hasRemaining()) {
      return 0;
    }
    int length = (int) Math.min(into.remaining(), size - offset);
    if (spill == null) {
      into.put(heap, (int) offset, length);
      return length;
    }
    int limit = into.limit();
    into.limit(into.position() + length);
    try {
      long position = offset;
      while (into.hasRemaining()) {
        int n = spill.read(into, position);
        if (n < 0) {
          throw new IOException("the temporary file is shorter than what was written to it");
        }
        position += n;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      into.limit(limit);
    }
    return length;
  }

  /** Writes all of {@code from}; a gap between the end and {@code offset} reads as zeros. */
  void write(long offset, ByteBuffer from) {
    long end = Math.addExact(offset, from.remaining());
    reserve(Math.max(end, size));
    if (spill == null) {
      from.get(heap, (int) offset, from.remaining());
    } else {
      writeToFile(offset, from);
    }
    size = Math.max(size, end);
  }

  /** Cuts, or extends with zeros. */
  void resize(long newSize) {
    reserve(newSize);
    if (spill == null) {
      if (newSize < size) {
        Arrays.fill(heap, (int) newSize, (int) size, (byte) 0);
      }
    } else if (newSize > size) {
      // A hole: the file system gives zeros for what was never written.
      writeToFile(newSize - 1, ByteBuffer.wrap(new byte[1]));
    } else {
      try {
        spill.truncate(newSize);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    size = newSize;
  }

  /** A copy of {@code length} bytes at {@code offset}, all of which must exist. */
  Bytes bytes(long offset, long length) {
    byte[] copy = new byte[Math.toIntExact(length)];
    int n = read(offset, ByteBuffer.wrap(copy));
    if (n != copy.length) {
      throw new IllegalArgumentException("no " + length + " bytes at " + offset);
    }
    return Bytes.wrap(copy);
  }

  Bytes bytes() {
    return bytes(0, size);
  }

  /** Whether it begins with all of {@code head}. */
  boolean startsWith(Content head) {
    if (head.size > size) {
      return false;
    }
    for (long at = 0; at < head.size; at += PART) {
      long length = Math.min(PART, head.size - at);
      if (!bytes(at, length).equals(head.bytes(at, length))) {
        return false;
      }
    }
    return true;
  }

  /** Adds all of {@code other} at the end. */
  void append(Content other) {
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(PART, other.size));
    for (long at = 0; at < other.size; at += part.limit()) {
      part.clear();
      other.read(at, part);
      write(size, part.flip());
    }
  }

  Version version() {
    Version.Digester digester = Version.digester();
    if (spill == null) {
      digester.update(ByteBuffer.wrap(heap, 0, (int) size));
      return digester.version();
    }
    ByteBuffer part = ByteBuffer.allocateDirect(PART);
    for (long at = 0; at < size; at += part.limit()) {
      part.clear();
      read(at, part);
      digester.update(part.flip());
    }
    return digester.version();
  }

  /** Makes room for so many bytes, on the heap while they fit there. */
  private void reserve(long bytes) {
    if (spill != null) {
      return;
    }
    if (bytes > HEAP_LIMIT) {
      try {
        moveToFile();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else if (bytes > heap.length) {
      long capacity = Math.min(HEAP_LIMIT, Math.max(bytes, heap.length * 2L));
      heap = Arrays.copyOf(heap, (int) capacity);
    }
  }

  private void writeToFile(long offset, ByteBuffer from) {
    try {
      long position = offset;
      while (from.hasRemaining()) {
        position += spill.write(from, position);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void moveToFile() throws IOException {
    Path file = Files.createTempFile("redisfuse-", ".content");
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      // Unlinked at once, so that nothing of it is left whatever happens to this process.
      Files.delete(file);
    }
    ByteBuffer all = ByteBuffer.wrap(heap, 0, (int) size);
    while (all.hasRemaining()) {
      channel.write(all, all.position());
    }
    heap = new byte[0];
    spill = channel;
  }

  @Override
  public void close() {
    heap = new byte[0];
    size = 0;
    if (spill != null) {
      try {
        spill.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        spill = null;
      }
    }
  }
}
