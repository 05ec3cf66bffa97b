package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what could not be saved, so that nobody's text is lost: one file each, readable by its
 * owner only, in a directory on this machine. Safe for threads.
 */
public final class RejectedContents {

  private static final Logger log = LoggerFactory.getLogger(RejectedContents.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneId.systemDefault());
  private static final int PART = 1 << 20;
  private static final int NAME_CHARACTERS = 80;

  private final Path directory;
  private final InstantSource clock;

  /**
   * @param directory made when it is first needed
   */
  public RejectedContents(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Keeps the content, and says in words where; says so too if that failed. Never throws. */
  String keep(Cell cell, Content content, String why) {
    try {
      Path file = create(cell);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(PART, content.size()));
        for (long at = 0; at < content.size(); at += part.limit()) {
          part.clear();
          content.read(at, part);
          part.flip();
          while (part.hasRemaining()) {
            channel.write(part);
          }
        }
      }
      log.warn(
          "What was to be saved in the {} was rejected and is kept in {}: {}", cell, file, why);
      return "the rejected text is kept in " + file;
    } catch (IOException | RuntimeException e) {
      log.error(
          "What was to be saved in the {} was rejected and could not be kept in {} ({}): {}",
          cell,
          directory,
          e.getMessage(),
          why);
      return "and it could not be kept in " + directory + " (" + e.getMessage() + ")";
    }
  }

  private Path create(Cell cell) throws IOException {
    FileAttribute<Set<java.nio.file.attribute.PosixFilePermission>> owned =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    FileAttribute<Set<java.nio.file.attribute.PosixFilePermission>> ownersOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Files.createDirectories(directory, owned);
    String name = TIME.format(clock.instant()) + "-" + readable(cell);
    for (int n = 1; ; n++) {
      try {
        return Files.createFile(directory.resolve(n == 1 ? name : name + "-" + n), ownersOnly);
      } catch (FileAlreadyExistsException e) {
        log.trace("{} is taken", e.getFile());
      }
    }
  }

  private static String readable(Cell cell) {
    Bytes text =
        cell instanceof Cell.FieldCell field
            ? field.key().concat(Bytes.utf8(".")).concat(field.field())
            : cell.key();
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < text.length() && i < NAME_CHARACTERS; i++) {
      char c = (char) (text.at(i) & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || c == '.' || c == '-');
      name.append(plain ? c : '_');
    }
    return name.toString();
  }
}
