package io.redisfuse.frontend.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Linux says of processes in {@code /proc} (proc(5)).
 *
 * <p>Descriptors are compared by the inode in {@code fdinfo}, there since Linux 5.14: to stat a
 * descriptor would come back to the mount that is asking.
 */
public final class ProcFileSystem implements Processes {

  private final Path proc;

  public ProcFileSystem() {
    this(Path.of("/proc"));
  }

  ProcFileSystem(Path proc) {
    this.proc = proc;
  }

  @Override
  public boolean areOne(int thread, int other) {
    if (thread == other) {
      return true;
    }
    String process = processOf(thread);
    String otherProcess = processOf(other);
    return process.isEmpty() || otherProcess.isEmpty() || process.equals(otherProcess);
  }

  @Override
  public boolean areSurelyOne(int thread, int other) {
    String process = processOf(thread);
    return !process.isEmpty() && process.equals(processOf(other));
  }

  @Override
  public boolean hasOpen(int thread, long inode) {
    if (thread <= 0) {
      return false;
    }
    Path descriptors = proc.resolve(Integer.toString(thread)).resolve("fdinfo");
    String wanted = Long.toUnsignedString(inode);
    try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : open) {
        if (wanted.equals(field(descriptor, "ino:"))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The process has gone, or is another user's.
      return false;
    }
    return false;
  }

  private String processOf(int thread) {
    if (thread <= 0) {
      return "";
    }
    return field(proc.resolve(Integer.toString(thread)).resolve("status"), "Tgid:");
  }

  /** The value of a field of a file of {@code name: value} lines, or nothing. */
  private static String field(Path file, String name) {
    try (var lines = Files.lines(file, ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(name.length()).strip())
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }
}
