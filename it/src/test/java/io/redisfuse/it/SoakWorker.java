package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Does all that is done in a mount, at random, in a few directories that others share, until it is
 * told to end. Names are from a small set, so that what is remembered of names has an end.
 */
final class SoakWorker implements Callable<Void> {

  static final int DIRECTORIES = 8;
  static final int FILES = 40;

  private final Path top;
  private final String name;
  private final RandomGenerator random;
  private final Witness remover;
  private final AtomicBoolean ended;
  private final AtomicLong done;
  private final AtomicLong failed;

  /**
   * @param top the mount
   * @param name no other worker's
   * @param remover another process, which has no files open: what a process removes that it has
   *     open is kept for a minute, since that may be the first half of a save
   */
  SoakWorker(
      Path top,
      String name,
      RandomGenerator random,
      Witness remover,
      AtomicBoolean ended,
      AtomicLong done,
      AtomicLong failed) {
    this.top = top;
    this.name = name;
    this.random = random;
    this.remover = remover;
    this.ended = ended;
    this.done = done;
    this.failed = failed;
  }

  /** The key of a file: its path, but for the colons. */
  static String key(int directory, int file) {
    return "work:d" + directory + ":f" + file;
  }

  @Override
  public Void call() throws IOException {
    while (!ended.get()) {
      try {
        step(random.nextInt(16));
      } catch (IOException | DirectoryIteratorException e) {
        // Somebody else was faster.
        failed.incrementAndGet();
      }
      done.incrementAndGet();
    }
    remover.remove(ownDirectory().resolve("inner"));
    Files.deleteIfExists(ownDirectory());
    remover.remove(temporary());
    return null;
  }

  private void step(int kind) throws IOException {
    Path file = file();
    switch (kind) {
      case 0, 1, 2 -> Files.readAllBytes(file);
      case 3, 4, 5 -> Files.size(file);
      case 6 -> Files.exists(file.resolveSibling("absent" + random.nextInt(FILES)));
      case 7 -> list(file.getParent());
      case 8 -> walk(top.resolve("a"));
      case 9 -> Files.writeString(file, text());
      case 10 -> Files.writeString(file, text(), StandardOpenOption.APPEND);
      case 11 -> saveByRename(file);
      case 12 -> Files.move(file, file(), StandardCopyOption.REPLACE_EXISTING);
      case 13 -> remover.remove(file);
      case 14 -> Files.writeString(file, text(), StandardOpenOption.CREATE_NEW);
      case 15 -> makeAndRemoveDirectory();
      default -> throw new IllegalArgumentException("no such step: " + kind);
    }
  }

  private Path file() {
    String key = key(random.nextInt(DIRECTORIES), random.nextInt(FILES));
    return top.resolve(key.replace(':', '/'));
  }

  private String text() {
    return (name + " " + random.nextInt() + "\n").repeat(1 << random.nextInt(10));
  }

  private void list(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Files.exists(entry, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  /** Goes down at random. */
  private void walk(Path directory) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(children::add);
    }
    if (!children.isEmpty()) {
      Path child = children.get(random.nextInt(children.size()));
      if (Files.isDirectory(child)) {
        walk(child);
      } else {
        Files.readAllBytes(child);
      }
    }
  }

  private void saveByRename(Path file) throws IOException {
    Files.write(temporary(), text().getBytes(UTF_8));
    Files.move(temporary(), file, StandardCopyOption.REPLACE_EXISTING);
  }

  private void makeAndRemoveDirectory() throws IOException {
    Files.createDirectory(ownDirectory());
    Files.writeString(ownDirectory().resolve("inner"), text());
    remover.remove(ownDirectory().resolve("inner"));
    Files.delete(ownDirectory());
  }

  private Path temporary() {
    return top.resolve("work/new" + name);
  }

  private Path ownDirectory() {
    return top.resolve("work/of" + name);
  }
}
