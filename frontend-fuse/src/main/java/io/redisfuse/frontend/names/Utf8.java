package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;

/** Tells well-formed UTF-8 from other bytes, by table 3-7 of the Unicode Standard. */
final class Utf8 {

  private Utf8() {}

  /**
   * The length in bytes of the character that starts at {@code i}, or 0 if none does: the sequence
   * is cut off, overlong, a surrogate, or beyond U+10FFFF.
   */
  static int lengthAt(Bytes bytes, int i) {
    int first = bytes.at(i) & 0xff;
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    int least =
        switch (first) {
          case 0xe0 -> 0xa0;
          case 0xf0 -> 0x90;
          default -> 0x80;
        };
    int most =
        switch (first) {
          case 0xed -> 0x9f;
          case 0xf4 -> 0x8f;
          default -> 0xbf;
        };
    if (!isWithin(bytes, i + 1, least, most)) {
      return 0;
    }
    for (int k = 2; k < length; k++) {
      if (!isWithin(bytes, i + k, 0x80, 0xbf)) {
        return 0;
      }
    }
    return length;
  }

  private static boolean isWithin(Bytes bytes, int i, int least, int most) {
    return i < bytes.length() && (bytes.at(i) & 0xff) >= least && (bytes.at(i) & 0xff) <= most;
  }
}
