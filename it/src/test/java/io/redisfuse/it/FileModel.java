package io.redisfuse.it;

import io.redisfuse.api.Bytes;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Names and the files that they name, in memory, as POSIX says that files behave. */
final class FileModel {

  /** A file, which may have lost its name. */
  static final class File {
    private byte[] content = new byte[0];

    int size() {
      return content.length;
    }

    /** Up to {@code length} bytes from {@code offset}. */
    Bytes read(int offset, int length) {
      int start = Math.min(offset, content.length);
      return Bytes.copyOf(
          Arrays.copyOfRange(content, start, Math.min(start + length, content.length)));
    }

    void write(int offset, byte[] bytes) {
      if (bytes.length == 0) {
        return;
      }
      if (content.length < offset + bytes.length) {
        resize(offset + bytes.length);
      }
      System.arraycopy(bytes, 0, content, offset, bytes.length);
    }

    void append(byte[] bytes) {
      write(content.length, bytes);
    }

    void resize(int size) {
      content = Arrays.copyOf(content, size);
    }
  }

  private final TreeMap<String, File> files = new TreeMap<>();

  SortedSet<String> names() {
    return new TreeSet<>(files.keySet());
  }

  boolean exists(String name) {
    return files.containsKey(name);
  }

  File get(String name) {
    return files.get(name);
  }

  Bytes content(String name) {
    return get(name).read(0, Integer.MAX_VALUE / 2);
  }

  File create(String name) {
    return files.computeIfAbsent(name, absent -> new File());
  }

  void remove(String name) {
    files.remove(name);
  }

  void rename(String from, String to) {
    if (!from.equals(to)) {
      files.put(to, files.remove(from));
    }
  }
}
