package io.redisfuse.it.bench;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.IntStream;

/**
 * Uses a directory. Each of its methods makes just the system calls that its name stands for; names
 * are made before, and what lists and searches are the programs that people use.
 */
final class MountedClient implements Client {

  static final String SMALL = "small";
  static final String SAVED = "saved";
  static final String LISTED = "listed";
  static final String CREATED = "created";
  static final String TREE = "tree";

  private static final String LARGE = "large";
  private static final int NOTHING_FOUND = 1;

  private final Path directory;
  private final Path[] small;
  private final Path[] saved;
  private final Path listed;
  private final Path tree;
  private final ByteBuffer smallBuffer = ByteBuffer.allocateDirect(Sizes.SMALL_BYTES);
  private final ByteBuffer largeBuffer = ByteBuffer.allocateDirect(Sizes.MIB);

  MountedClient(Path directory) {
    this.directory = directory;
    this.small = files(directory.resolve(SMALL), Sizes.SMALL_FILES);
    this.saved = files(directory.resolve(SAVED), Sizes.SAVED_FILES);
    this.listed = directory.resolve(LISTED);
    this.tree = directory.resolve(TREE);
  }

  private static Path[] files(Path parent, int count) {
    return IntStream.range(0, count).mapToObj(i -> parent.resolve("f" + i)).toArray(Path[]::new);
  }

  /** Makes a directory with small files. */
  void fill(String name, int count) throws IOException {
    Path parent = directory.resolve(name);
    Files.createDirectory(parent);
    for (Path file : files(parent, count)) {
      write(file, CREATE_NEW, WRITE);
    }
  }

  void requireListed(int count) throws IOException {
    long lines = Programs.output(directory, "ls", "-l", listed.toString()).lines().count();
    // The first line is the sum.
    if (lines != count + 1) {
      throw new IOException("ls -l " + listed + " has " + lines + " lines");
    }
  }

  @Override
  public void stat(int file) throws IOException {
    long size = Files.readAttributes(small[file], BasicFileAttributes.class).size();
    if (size != Sizes.SMALL_BYTES) {
      throw new IOException(small[file] + " is said to have " + size + " bytes");
    }
  }

  @Override
  public void read(int file) throws IOException {
    smallBuffer.clear();
    try (FileChannel channel = FileChannel.open(small[file], READ)) {
      int read = channel.read(smallBuffer);
      if (read != Sizes.SMALL_BYTES) {
        throw new IOException(small[file] + " gives " + read + " bytes");
      }
    }
  }

  @Override
  public void create(String name) throws IOException {
    write(directory.resolve(CREATED).resolve(name), CREATE_NEW, WRITE);
  }

  @Override
  public void remove(String name) throws IOException {
    Files.delete(directory.resolve(CREATED).resolve(name));
  }

  @Override
  public void overwrite(int file) throws IOException {
    write(saved[file], WRITE, TRUNCATE_EXISTING);
  }

  @Override
  public void replace(int file) throws IOException {
    Path temporary = saved[file].resolveSibling("new");
    write(temporary, CREATE_NEW, WRITE);
    Files.move(temporary, saved[file], ATOMIC_MOVE);
  }

  @Override
  public void list() throws IOException {
    Programs.run(directory, 0, "ls", "-l", listed.toString());
  }

  @Override
  public void find() throws IOException {
    Programs.run(directory, 0, "find", listed.toString());
  }

  @Override
  public void status() throws IOException {
    SourceTree.requireUnchanged(tree);
  }

  @Override
  public void search() throws IOException {
    Programs.run(tree, NOTHING_FOUND, "grep", "-rF", "--exclude-dir=.git", SourceTree.ABSENT, ".");
  }

  @Override
  public void writeLarge() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve(LARGE), CREATE, WRITE, TRUNCATE_EXISTING)) {
      for (int i = 0; i < Sizes.LARGE_MIB; i++) {
        largeBuffer.clear();
        largeBuffer.putInt(0, i);
        while (largeBuffer.hasRemaining()) {
          channel.write(largeBuffer);
        }
      }
    }
  }

  @Override
  public void readLarge() throws IOException {
    try (FileChannel channel = FileChannel.open(directory.resolve(LARGE), READ)) {
      for (int i = 0; i < Sizes.LARGE_MIB; i++) {
        largeBuffer.clear();
        while (largeBuffer.hasRemaining() && channel.read(largeBuffer) > 0) {}
        if (largeBuffer.hasRemaining() || largeBuffer.getInt(0) != i) {
          throw new IOException(directory + " gives something else than was written, at MiB " + i);
        }
      }
    }
  }

  private void write(Path file, OpenOption... options) throws IOException {
    smallBuffer.clear();
    try (FileChannel channel = FileChannel.open(file, options)) {
      channel.write(smallBuffer);
    }
  }

  @Override
  public void close() {
    // The buffers go with the collector.
  }
}
