package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;
import java.io.ByteArrayOutputStream;

/**
 * Writes any bytes as UTF-8 text that may stand in a file's name, and reads them back.
 *
 * <p>An escape is {@code %} and two uppercase hexadecimal digits, for one byte. Every other {@code
 * %} stands for itself, and so does a byte that is not escaped though it could be: {@link
 * #unescape} takes any bytes.
 */
final class Escapes {

  static final Bytes DOT = Bytes.utf8(".");
  static final Bytes PERCENT = Bytes.utf8("%");

  private static final String HEX = "0123456789ABCDEF";

  private Escapes() {}

  /**
   * The shortest form of {@code raw} that is valid UTF-8, holds no slash and no control character,
   * and is read back as {@code raw}. Holds no {@code %~}.
   */
  static Bytes escape(Bytes raw) {
    int i = 0;
    while (i < raw.length() && plainLength(raw, i) > 0) {
      i += plainLength(raw, i);
    }
    if (i == raw.length()) {
      return raw;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream(raw.length() + 16);
    text.write(raw.unsafeArray(), 0, i);
    while (i < raw.length()) {
      int plain = plainLength(raw, i);
      if (plain > 0) {
        text.write(raw.unsafeArray(), i, plain);
        i += plain;
      } else {
        // A whole control character of two bytes: its second byte is invalid alone.
        write(text, raw.at(i));
        i++;
      }
    }
    return Bytes.wrap(text.toByteArray());
  }

  /** Escapes every dot in {@code text}, which is escaped already, but one at its start. */
  static Bytes escapeDots(Bytes text) {
    if (text.indexOf(DOT, 1) < 0) {
      return text;
    }
    ByteArrayOutputStream full = new ByteArrayOutputStream(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      if (text.at(i) == '.' && i > 0) {
        write(full, (byte) '.');
      } else {
        full.write(text.at(i));
      }
    }
    return Bytes.wrap(full.toByteArray());
  }

  /** The bytes that {@code text} stands for. */
  static Bytes unescape(Bytes text) {
    int i = text.indexOf(PERCENT, 0);
    if (i < 0) {
      return text;
    }
    ByteArrayOutputStream raw = new ByteArrayOutputStream(text.length());
    raw.write(text.unsafeArray(), 0, i);
    while (i < text.length()) {
      if (isEscape(text, i)) {
        raw.write((digit(text, i + 1) << 4) | digit(text, i + 2));
        i += 3;
      } else {
        raw.write(text.at(i));
        i++;
      }
    }
    return Bytes.wrap(raw.toByteArray());
  }

  /**
   * The longest head of {@code text}, which is escaped, that has at most {@code limit} bytes and
   * does not end inside a character or an escape.
   */
  static Bytes cut(Bytes text, int limit) {
    int end = 0;
    while (end < text.length()) {
      int next = end + (isEscape(text, end) ? 3 : Math.max(1, Utf8.lengthAt(text, end)));
      if (next > limit) {
        break;
      }
      end = next;
    }
    return text.slice(0, end);
  }

  /** How many bytes at {@code i} form a character that needs no escape, or 0. */
  private static int plainLength(Bytes raw, int i) {
    int length = Utf8.lengthAt(raw, i);
    int first = raw.at(i) & 0xff;
    return switch (length) {
      case 1 -> isControl(first) || first == '/' || needsEscape(raw, i) ? 0 : 1;
      case 2 -> first == 0xc2 && (raw.at(i + 1) & 0xff) < 0xa0 ? 0 : 2;
      default -> length;
    };
  }

  private static boolean isControl(int ascii) {
    return ascii < 0x20 || ascii == 0x7f;
  }

  /** Whether a percent sign is at {@code i} that would be read as more than that. */
  private static boolean needsEscape(Bytes raw, int i) {
    if (raw.at(i) != '%') {
      return false;
    }
    return isEscape(raw, i) || (i + 1 < raw.length() && raw.at(i + 1) == '~');
  }

  private static boolean isEscape(Bytes text, int i) {
    return text.at(i) == '%' && digit(text, i + 1) >= 0 && digit(text, i + 2) >= 0;
  }

  /** The value of the hexadecimal digit at {@code i}, or -1. */
  private static int digit(Bytes text, int i) {
    if (i >= text.length()) {
      return -1;
    }
    byte b = text.at(i);
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
  }

  private static void write(ByteArrayOutputStream text, byte b) {
    text.write('%');
    text.write(HEX.charAt((b >> 4) & 0xf));
    text.write(HEX.charAt(b & 0xf));
  }
}
