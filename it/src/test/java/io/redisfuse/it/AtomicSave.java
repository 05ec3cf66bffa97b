package io.redisfuse.it;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A program of its own: reads a file, then saves it in the way that is recommended for Java, by
 * {@link Files#move} of a new one, each time that Enter is pressed.
 */
final class AtomicSave {

  private AtomicSave() {}

  /** How a shell runs the program. */
  static String command(String file) {
    return Path.of(System.getProperty("java.home"), "bin", "java")
        + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "
        + Path.of("target", "test-classes").toAbsolutePath()
        + " io.redisfuse.it.AtomicSave "
        + file;
  }

  /**
   * Runs the program.
   *
   * @param arguments the file
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]).toAbsolutePath();
    String text = "MINE " + Files.readString(file);
    System.out.println("has read");
    while (System.in.read() == '\n') {
      Path temporary = Files.createTempFile(file.getParent(), "save", ".tmp");
      try {
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        System.out.println("has saved");
      } catch (FileSystemException e) {
        Files.deleteIfExists(temporary);
        System.out.println("has failed: " + e.getReason());
      }
    }
  }
}
