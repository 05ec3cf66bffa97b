package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Arrays;

/**
 * The reserved keys that say who has locked a cell: {@code .redisfuse:lock:{N}:table:CELL}, and of
 * each mount {@code .redisfuse:lock:{N}:lease:MOUNT:CELL}. The number is the smallest that puts
 * them into the cluster slot of the cell's own key, so that one transaction may be about all three.
 *
 * @param table all locks that all mounts hold of the cell
 * @param stem what both keys begin with
 * @param encoded the cell, reversibly
 */
record LockKeys(Cell.StringCell table, Bytes stem, Bytes encoded) {

  /** What the keys of all cells begin with. */
  static final Bytes ALL = Bytes.utf8(".redisfuse:lock:");

  private static final int SLOTS = 16_384;

  /** The polynomial of CRC16/XMODEM, by which Redis Cluster places keys. */
  private static final int POLYNOMIAL = 0x1021;

  /** Of each slot the smallest number that is in it; made when the first lock is taken. */
  private static final class Numbers {
    private static final int[] BY_SLOT = new int[SLOTS];

    static {
      Arrays.fill(BY_SLOT, -1);
      int found = 0;
      for (int number = 0; found < SLOTS; number++) {
        int slot = slot(Bytes.utf8(Integer.toString(number)));
        if (BY_SLOT[slot] < 0) {
          BY_SLOT[slot] = number;
          found++;
        }
      }
    }

    private Numbers() {}
  }

  static LockKeys of(Cell cell) {
    int number = Numbers.BY_SLOT[slot(cell.key())];
    Bytes stem = ALL.concat(Bytes.utf8("{" + number + "}:"));
    Bytes encoded = encoded(cell);
    return new LockKeys(
        new Cell.StringCell(stem.concat(Bytes.utf8("table:")).concat(encoded)), stem, encoded);
  }

  /** The key that exists as long as a mount's locks of the cell count. */
  Cell.StringCell lease(String mount) {
    return new Cell.StringCell(stem.concat(Bytes.utf8("lease:" + mount + ":")).concat(encoded));
  }

  /** Whether a key is one of these. */
  boolean areAbout(Bytes key) {
    return key.startsWith(stem) && key.endsWith(encoded);
  }

  private static Bytes encoded(Cell cell) {
    Bytes key = cell.key();
    if (cell instanceof Cell.FieldCell field) {
      // The length, since both may hold any bytes.
      return Bytes.utf8("field:" + key.length() + ":").concat(key).concat(field.field());
    }
    return Bytes.utf8("key:").concat(key);
  }

  /** The cluster slot of a key: of what is in its first braces, unless that is nothing. */
  static int slot(Bytes key) {
    int open = key.indexOf(Bytes.utf8("{"), 0);
    int close = open < 0 ? -1 : key.indexOf(Bytes.utf8("}"), open + 1);
    Bytes hashed = close > open + 1 ? key.slice(open + 1, close) : key;
    int crc = 0;
    for (int i = 0; i < hashed.length(); i++) {
      crc ^= (hashed.at(i) & 0xff) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
      }
    }
    return (crc & 0xffff) % SLOTS;
  }
}
