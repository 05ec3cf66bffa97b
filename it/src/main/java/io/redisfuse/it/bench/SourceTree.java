package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A repository of git with many small files, made once and copied to where it is measured. */
final class SourceTree {

  /** No file has it. */
  static final String ABSENT = "zebra";

  private static final String LINE = "the quick brown fox jumps over the lazy dog, %d times%n";
  private static final int MOST_LINES = 20;

  private SourceTree() {}

  static void create(Path directory) throws IOException {
    for (int i = 0; i < Sizes.TREE_FILES; i++) {
      Path parent = directory.resolve("d" + i % Sizes.TREE_DIRECTORIES);
      Files.createDirectories(parent);
      Files.writeString(
          parent.resolve("f" + i + ".txt"), LINE.formatted(i).repeat(1 + i % MOST_LINES), UTF_8);
    }
    git(directory, "init", "-q", "--template=");
    git(directory, "add", ".");
    git(directory, "-c", "user.name=n", "-c", "user.email=e@x", "commit", "-q", "-m", "all");
    // One file instead of thousands of objects, which nobody looks at.
    git(directory, "gc", "-q");
  }

  /** Copies it; git has looked at the copy once when this returns, and found nothing changed. */
  static void copy(Path from, Path to) throws IOException {
    Programs.run(from, 0, "cp", "-r", from.toString(), to.toString());
    // git trusts no file that is as young as its index.
    try {
      Thread.sleep(1_100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    requireUnchanged(to);
  }

  static void requireUnchanged(Path directory) throws IOException {
    String said = Programs.output(directory, "git", "status", "--porcelain");
    if (!said.isEmpty()) {
      throw new IOException("git says of " + directory + ": " + said.lines().limit(5).toList());
    }
  }

  private static void git(Path directory, String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Programs.run(directory, 0, command);
  }
}
