package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All locks of a cell, of all mounts, as they are written to its key: a line for each, of mount,
 * turn, kind, type, first and last byte, owner, process and host.
 *
 * <p>The turn is another one each time that a mount writes its lines, so that it can tell whether a
 * write whose outcome is unknown has happened.
 */
record LockTable(List<Line> lines) {

  /** A lock that a mount holds. */
  record Line(String mount, long turn, Lock lock, String host) {}

  static final LockTable EMPTY = new LockTable(List.of());

  private static final int WORDS = 9;

  LockTable {
    lines = List.copyOf(lines);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none
   */
  static LockTable of(Bytes text) {
    List<Line> lines = new ArrayList<>();
    for (String line : text.toUtf8().lines().toList()) {
      String[] words = line.split(" ", -1);
      if (words.length != WORDS) {
        throw new IllegalArgumentException("not a line of a table of locks: " + line);
      }
      Lock lock =
          new Lock(
              LockKind.valueOf(words[2]),
              LockType.valueOf(words[3]),
              new LockRange(Long.parseLong(words[4]), Long.parseLong(words[5])),
              Long.parseLong(words[6]),
              Integer.parseInt(words[7]),
              /* handle= */ 0);
      lines.add(new Line(words[0], Long.parseLong(words[1]), lock, words[8]));
    }
    return new LockTable(lines);
  }

  Bytes text() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      Lock lock = line.lock();
      text.append(line.mount()).append(' ').append(line.turn());
      text.append(' ').append(lock.kind()).append(' ').append(lock.type());
      text.append(' ').append(lock.range().first()).append(' ').append(lock.range().last());
      text.append(' ').append(lock.owner()).append(' ').append(lock.process());
      text.append(' ').append(line.host()).append('\n');
    }
    return Bytes.utf8(text.toString());
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The lines of other mounts that keep one of this mount's owners from a lock. */
  List<Line> inTheWay(Lock wanted, String mount) {
    return lines.stream()
        // Owners of different mounts are different, though their kernels may number them alike.
        .filter(line -> !line.mount().equals(mount) && line.lock().clashes(wanted))
        .toList();
  }

  /** The table with these as all the locks of a mount. */
  LockTable with(String mount, long turn, List<Lock> held, String host) {
    List<Line> all = new ArrayList<>(without(Set.of(mount)).lines);
    held.forEach(lock -> all.add(new Line(mount, turn, lock, host)));
    return new LockTable(all);
  }

  LockTable without(Set<String> mounts) {
    return new LockTable(lines.stream().filter(line -> !mounts.contains(line.mount())).toList());
  }

  /** The other mounts that hold locks. */
  Set<String> mountsBut(String mount) {
    Set<String> mounts = new LinkedHashSet<>();
    lines.stream().map(Line::mount).filter(m -> !m.equals(mount)).forEach(mounts::add);
    return mounts;
  }

  boolean isOf(String mount) {
    return lines.stream().anyMatch(line -> line.mount().equals(mount));
  }

  boolean isOfTurn(String mount, long turn) {
    return lines.stream().anyMatch(line -> line.mount().equals(mount) && line.turn() == turn);
  }
}
