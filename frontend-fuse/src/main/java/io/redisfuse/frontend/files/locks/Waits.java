package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Who waits for record locks in a mount, as other mounts see it: a line for each, of number, owner,
 * type, first and last byte, and the key of the table of what he waits for.
 */
record Waits(List<Line> lines) {

  /**
   * One who waits.
   *
   * @param number of nobody else who ever waited in this mount
   * @param table the locks that he waits for
   */
  record Line(long number, Lock wanted, Cell.StringCell table) {}

  static final Waits NONE = new Waits(List.of());

  private static final int WORDS = 6;

  Waits {
    lines = List.copyOf(lines);
  }

  /** The key of a mount. */
  static Cell.StringCell keyOf(String mount) {
    return new Cell.StringCell(LockKeys.ALL.concat(Bytes.utf8("waits:" + mount)));
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if they are none
   */
  static Waits of(Bytes text) {
    List<Line> lines = new ArrayList<>();
    for (String line : text.toUtf8().lines().toList()) {
      String[] words = line.split(" ", -1);
      if (words.length != WORDS) {
        throw new IllegalArgumentException("not a line of who waits: " + line);
      }
      Lock wanted =
          new Lock(
              LockKind.RECORD,
              LockType.valueOf(words[2]),
              new LockRange(Long.parseLong(words[3]), Long.parseLong(words[4])),
              Long.parseLong(words[1]),
              /* process= */ 0,
              /* handle= */ 0);
      Bytes table = Bytes.wrap(Base64.getDecoder().decode(words[5]));
      lines.add(new Line(Long.parseLong(words[0]), wanted, new Cell.StringCell(table)));
    }
    return new Waits(lines);
  }

  Bytes text() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      Lock wanted = line.wanted();
      text.append(line.number()).append(' ').append(wanted.owner());
      text.append(' ').append(wanted.type());
      text.append(' ').append(wanted.range().first()).append(' ').append(wanted.range().last());
      text.append(' ')
          .append(Base64.getEncoder().encodeToString(line.table().key().toByteArray()))
          .append('\n');
    }
    return Bytes.utf8(text.toString());
  }

  List<Line> of(long owner) {
    return lines.stream().filter(line -> line.wanted().owner() == owner).toList();
  }
}
