package io.redisfuse.it.bench;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A directory of some file system, used through system calls. */
final class MountedSubject implements Subject {

  private final String name;
  private final Path directory;
  private final ByteBuffer small = ByteBuffer.allocateDirect(Sizes.SMALL_BYTES);
  private final ByteBuffer large = ByteBuffer.allocateDirect(Sizes.MIB);

  MountedSubject(String name, Path directory) {
    this.name = name;
    this.directory = directory;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void prepare() throws IOException {
    Files.createDirectory(directory.resolve("small"));
    Files.createDirectory(directory.resolve("listed"));
    for (int i = 0; i < Sizes.SMALL_FILES; i++) {
      write(small(i));
    }
    for (int i = 0; i < Sizes.LISTED_FILES; i++) {
      write(directory.resolve("listed").resolve("f" + i));
    }
  }

  @Override
  public void stat(int file) throws IOException {
    if (Files.readAttributes(small(file), BasicFileAttributes.class).size() != Sizes.SMALL_BYTES) {
      throw new IOException(name + " says a wrong size of " + small(file));
    }
  }

  @Override
  public void read(int file) throws IOException {
    small.clear();
    try (FileChannel channel = FileChannel.open(small(file), READ)) {
      if (channel.read(small) != Sizes.SMALL_BYTES) {
        throw new IOException(name + " gives a part of " + small(file));
      }
    }
  }

  @Override
  public void create(String file) throws IOException {
    write(directory.resolve(file));
  }

  @Override
  public void remove(String file) throws IOException {
    Files.delete(directory.resolve(file));
  }

  @Override
  public int list() throws IOException {
    int entries = 0;
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory.resolve("listed"))) {
      for (Path entry : listing) {
        if (Files.readAttributes(entry, BasicFileAttributes.class).size() == Sizes.SMALL_BYTES) {
          entries++;
        }
      }
    }
    return entries;
  }

  @Override
  public void writeLarge() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve("large"), CREATE, WRITE, TRUNCATE_EXISTING)) {
      for (int i = 0; i < Sizes.LARGE_MIB; i++) {
        large.clear();
        while (large.hasRemaining()) {
          channel.write(large);
        }
      }
    }
  }

  @Override
  public void readLarge() throws IOException {
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(directory.resolve("large"), READ)) {
      large.clear();
      for (int n = channel.read(large); n > 0; n = channel.read(large)) {
        bytes += n;
        large.clear();
      }
    }
    if (bytes != (long) Sizes.LARGE_MIB * Sizes.MIB) {
      throw new IOException(name + " gives " + bytes + " bytes of the large file");
    }
  }

  private Path small(int file) {
    return directory.resolve("small").resolve("f" + file);
  }

  private void write(Path file) throws IOException {
    small.clear();
    try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
      channel.write(small);
    }
  }

  @Override
  public void close() {
    // The mount belongs to whoever started it.
  }
}
