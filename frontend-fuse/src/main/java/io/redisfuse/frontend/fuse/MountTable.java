package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.redisfuse.api.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is mounted where, as this process sees it: {@code /proc/self/mountinfo}, proc(5). */
final class MountTable {

  private static final Path SOURCE = Path.of("/proc/self/mountinfo");
  private static final int ESCAPE_LENGTH = 4;

  /** One mount. No two that live at the same time are equal. */
  record Entry(String id, String device, Bytes path, String type) {}

  private MountTable() {}

  /** All mounts; of several at one path the last is on top. */
  static List<Entry> read() {
    try {
      return parse(Files.readAllLines(SOURCE, ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException("The table of mounts, " + SOURCE + ", cannot be read.", e);
    }
  }

  /** The mount on top at {@code path}, which holds no symbolic link. */
  static Optional<Entry> at(Bytes path) {
    Entry top = null;
    for (Entry entry : read()) {
      if (entry.path().equals(path)) {
        top = entry;
      }
    }
    return Optional.ofNullable(top);
  }

  /** The lines hold one byte in each char. */
  static List<Entry> parse(List<String> lines) {
    List<Entry> entries = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.split(" ", -1);
      // After six fields come optional ones, up to a dash.
      for (int dash = 6; dash + 1 < fields.length; dash++) {
        if (fields[dash].equals("-")) {
          entries.add(new Entry(fields[0], fields[2], unescape(fields[4]), fields[dash + 1]));
          break;
        }
      }
    }
    return entries;
  }

  /** Space, tab, newline and backslash are written as a backslash and three octal digits. */
  private static Bytes unescape(String path) {
    var bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < path.length()) {
      if (path.charAt(i) == '\\' && i + ESCAPE_LENGTH <= path.length()) {
        bytes.write(Integer.parseInt(path.substring(i + 1, i + ESCAPE_LENGTH), 8));
        i += ESCAPE_LENGTH;
      } else {
        bytes.write(path.charAt(i));
        i++;
      }
    }
    return Bytes.wrap(bytes.toByteArray());
  }
}
