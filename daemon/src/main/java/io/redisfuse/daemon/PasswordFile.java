package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** A file whose first line is a password, which only its owner (and group) may read. */
final class PasswordFile {

  private static final int MAX_BYTES = 4096;

  private PasswordFile() {}

  /**
   * Reads the password. A pipe will do, as in {@code --password-file <(pass show redis)}.
   *
   * @throws StartException if others may read it, or it holds no password
   */
  static Secret read(Path file) throws StartException {
    try {
      if (Files.isDirectory(file)) {
        throw StartException.failure(
            "The password file " + file + " is a directory; name a file with the password in it.");
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
        throw StartException.failure(
            "The password file "
                + file
                + " may be read by everyone on this machine; run `chmod 600 "
                + file
                + "`.");
      }
      return new Secret(firstLine(file));
    } catch (NoSuchFileException e) {
      throw StartException.failure(
          "The password file " + file + " does not exist; create it, readable only by you.", e);
    } catch (AccessDeniedException e) {
      throw StartException.failure(
          "The password file " + file + " may not be read by you; check its owner and mode.", e);
    } catch (CharacterCodingException e) {
      throw StartException.failure(
          "The password file " + file + " is not UTF-8 text; save it as that.", e);
    } catch (IOException e) {
      throw StartException.failure(
          "The password file " + file + " cannot be read (" + e.getMessage() + "); check it.", e);
    }
  }

  private static String firstLine(Path file) throws IOException, StartException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(MAX_BYTES);
    }
    String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    String line = text.lines().findFirst().orElse("");
    if (line.isEmpty()) {
      throw StartException.failure(
          "The password file " + file + " has an empty first line; write the password there.");
    }
    return line;
  }
}
