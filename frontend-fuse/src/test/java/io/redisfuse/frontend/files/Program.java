package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** A process that uses a file system: the calls that it makes, by paths and handles. */
final class Program {

  private final FileSystem files;
  private final Caller caller;

  /**
   * @param thread the thread that makes the calls, whose process the {@link FakeProcesses} know
   */
  Program(FileSystem files, int thread) {
    this.files = files;
    this.caller = new Caller(thread, 1000, 1000);
  }

  Caller caller() {
    return caller;
  }

  long open(String path, OpenMode.Flag... flags) {
    for (int tries = 1; ; tries++) {
      long node = node(path);
      try {
        return files.open(node, OpenMode.of(flags), caller);
      } catch (FsException e) {
        // The kernel looks it up again, too.
        if (e.error() != FsError.STALE || tries == 3) {
          throw e;
        }
      } finally {
        files.forget(node, 1);
      }
    }
  }

  /** {@code open(2)} with O_CREAT. */
  long create(String path, OpenMode.Flag... flags) {
    return files
        .create(parent(path), Workspace.name(path), 0644, OpenMode.of(flags), caller)
        .handle();
  }

  void write(long handle, long offset, String text) {
    Bytes bytes = Bytes.utf8(text);
    assertThat(files.write(handle, offset, bytes.asByteBuffer())).isEqualTo(bytes.length());
  }

  String read(long handle) {
    return read(handle, 0, 1 << 20);
  }

  String read(long handle, long offset, int length) {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    int n = files.read(handle, offset, buffer);
    return Bytes.copyOf(ByteBuffer.wrap(buffer.array(), 0, n)).toUtf8();
  }

  void truncate(long node, long handle, long size) {
    files.setAttributes(node, OptionalLong.of(handle), AttributeChange.size(size), caller);
  }

  /** {@code truncate(2)}. */
  void truncate(String path, long size) {
    files.setAttributes(node(path), OptionalLong.empty(), AttributeChange.size(size), caller);
  }

  void fsync(long handle) {
    files.fsync(handle, caller);
  }

  /** {@code close(2)} of one of several descriptors. */
  void flush(long handle) {
    files.flush(handle, caller);
  }

  /** {@code close(2)} of the only descriptor. */
  void close(long handle) {
    try {
      flush(handle);
    } finally {
      files.release(handle);
    }
  }

  String cat(String path) {
    long handle = open(path, READ);
    try {
      return read(handle);
    } finally {
      close(handle);
    }
  }

  /** Truncates, or creates, and writes: {@code echo text > path}. */
  void save(String path, String text) {
    put(create(path, WRITE, TRUNCATE), text);
  }

  /** {@code echo text >> path}. */
  void append(String path, String text) {
    put(create(path, WRITE, APPEND), text);
  }

  /** Writes over what is there, and cuts what is longer. */
  void saveInPlace(String path, String text) {
    long node = node(path);
    long handle = open(path, READ, WRITE);
    try {
      write(handle, 0, text);
      truncate(node, handle, Bytes.utf8(text).length());
      flush(handle);
    } finally {
      files.release(handle);
    }
  }

  /** Writes a file of another name and renames it. */
  void saveByRename(String path, String temporary, String text) {
    save(temporary, text);
    mv(temporary, path);
  }

  private void put(long handle, String text) {
    try {
      write(handle, 0, text);
      flush(handle);
    } finally {
      files.release(handle);
    }
  }

  void rm(String path) {
    files.unlink(parent(path), Workspace.name(path), caller);
  }

  void mv(String from, String to) {
    files.rename(parent(from), Workspace.name(from), parent(to), Workspace.name(to), caller);
  }

  /** {@code mv --no-clobber}, by {@code renameat2(2)}. */
  void mvToFree(String from, String to) {
    files.renameToFree(parent(from), Workspace.name(from), parent(to), Workspace.name(to), caller);
  }

  /** {@code mv --exchange}. */
  void exchange(String one, String other) {
    files.exchange(parent(one), Workspace.name(one), parent(other), Workspace.name(other), caller);
  }

  void symlink(String target, String path) {
    files.makeSymlink(Bytes.utf8(target), parent(path), Workspace.name(path), caller);
  }

  String readLink(String path) {
    return files.readLink(node(path)).toUtf8();
  }

  void mkdir(String path) {
    files.makeDirectory(parent(path), Workspace.name(path), 0755, caller);
  }

  void rmdir(String path) {
    files.removeDirectory(parent(path), Workspace.name(path), caller);
  }

  Attributes stat(String path) {
    return files.attributes(node(path), caller);
  }

  boolean exists(String path) {
    try {
      node(path);
      return true;
    } catch (FsException e) {
      assertThat(e.error()).isEqualTo(FsError.NO_ENTRY);
      return false;
    }
  }

  List<String> list(String path) {
    long handle = files.openDirectory(node(path), caller);
    try {
      return files.entries(handle, FileSystem.ListedFrom.START).entries().stream()
          .map(entry -> entry.name().toUtf8())
          .sorted()
          .toList();
    } finally {
      files.releaseDirectory(handle);
    }
  }

  long node(String path) {
    long node = FileSystem.ROOT;
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        node = files.lookup(node, Bytes.utf8(name)).node();
      }
    }
    return node;
  }

  private long parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? FileSystem.ROOT : node(path.substring(0, slash));
  }
}
