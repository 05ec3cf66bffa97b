package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;
import java.io.ByteArrayOutputStream;

/**
 * Writes any bytes as UTF-8 text that may stand in a file's name, and reads them back. Only what
 * would be written is an escape, so that people's own percent signs stay what they are.
 *
 * <p>An <em>escape</em> is {@code %} and the two uppercase hexadecimal digits of a byte that is not
 * written as it is: {@code 00} to {@code 1F} and {@code 7F} (control characters), {@code 2F} (a
 * slash), {@code 2E} (a dot, where a plain one would mean something else), and {@code 80} to {@code
 * FF} (what is not UTF-8, and the control characters U+0080 to U+009F). Every other {@code %}
 * stands for itself: {@code 100%}, {@code %20}, {@code %2e}.
 *
 * <p>Text that looks like an escape is <em>quoted</em>: a {@code 25} after its percent sign. {@code
 * %252F} stands for the text {@code %2F}, {@code %25252F} for the text {@code %252F}, and so on. A
 * {@code %25} that does not quote an escape stands for itself: {@code 100%25}, {@code %2520}.
 *
 * <p>Escapes side by side that are quoted equally often, or not at all, stand for themselves where
 * their bytes are a character that would be written as it is. They come from elsewhere: {@code
 * caf%C3%A9} is the name of a web page. Of {@code %C3%A9%A9} only the last is an escape.
 *
 * <p>So every sequence of bytes has exactly one text, and every text that is valid UTF-8 without
 * slash, control character and {@code %2E} is the text of what it stands for. Other texts can be
 * read as well; a byte that is not escaped though it should be stands for itself.
 */
final class Escapes {

  static final Bytes DOT = Bytes.utf8(".");
  static final Bytes PERCENT = Bytes.utf8("%");

  private static final Bytes QUOTED_PERCENT = Bytes.utf8("%25");
  private static final String HEX = "0123456789ABCDEF";
  private static final int LONGEST_CHARACTER = 4;

  private Escapes() {}

  /**
   * The text of {@code raw}: valid UTF-8, without slash and control character. Has no {@code %2E}
   * that is an escape.
   */
  static Bytes escape(Bytes raw) {
    int i = 0;
    while (i < raw.length() && isPlain(raw.at(i))) {
      i++;
    }
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
      } else if (raw.at(i) == '%') {
        text.writeBytes(QUOTED_PERCENT.unsafeArray());
        i++;
      } else {
        // A whole control character of two bytes: its second byte is invalid alone.
        write(text, raw.at(i));
        i++;
      }
    }
    return Bytes.wrap(text.toByteArray());
  }

  /** Whether a byte is a character that is always written as it is. */
  private static boolean isPlain(byte b) {
    return b >= 0x20 && b < 0x7f && b != '%' && b != '/';
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
      int quotes = quotes(text, i);
      int plain = quotes < 0 ? 1 : foreignLength(text, i, quotes);
      if (plain > 0) {
        raw.write(text.unsafeArray(), i, plain);
        i += plain;
      } else {
        raw.write(quotes == 0 ? byteAt(text, i + 1) : '%');
        i += QUOTED_PERCENT.length();
      }
    }
    return Bytes.wrap(raw.toByteArray());
  }

  /** {@code text} with the percent sign at {@code percent} quoted once more. */
  static Bytes quote(Bytes text, int percent) {
    return text.slice(0, percent).concat(QUOTED_PERCENT).concat(text.slice(percent + 1));
  }

  /** {@code text} with the percent sign at {@code percent}, which is quoted, quoted once less. */
  static Bytes unquote(Bytes text, int percent) {
    return text.slice(0, percent)
        .concat(PERCENT)
        .concat(text.slice(percent + QUOTED_PERCENT.length()));
  }

  /** Where what follows the percent sign at {@code percent} starts, and all that quotes it. */
  static int afterQuotes(Bytes text, int percent) {
    int end = percent + 1;
    while (end + 1 < text.length() && text.at(end) == '2' && text.at(end + 1) == '5') {
      end += 2;
    }
    return end;
  }

  /**
   * The longest head of {@code text}, which is escaped, that has at most {@code limit} bytes and
   * does not end inside a character or an escape, nor among escapes that stand for themselves.
   */
  static Bytes cut(Bytes text, int limit) {
    int end = 0;
    while (end < text.length()) {
      int next = end + unitLength(text, end);
      if (next > limit) {
        break;
      }
      end = next;
    }
    return text.slice(0, end);
  }

  private static int unitLength(Bytes text, int i) {
    int quotes = quotes(text, i);
    return quotes < 0
        ? Math.max(1, Utf8.lengthAt(text, i))
        : Math.max(escapeLength(quotes), foreignLength(text, i, quotes));
  }

  /** How many bytes at {@code i} are written as they are, or 0. */
  private static int plainLength(Bytes raw, int i) {
    int quotes = quotes(raw, i);
    return quotes < 0 ? characterLength(raw, i) : foreignLength(raw, i, quotes);
  }

  /** How many bytes at {@code i} form a character that needs no escape, or 0. */
  private static int characterLength(Bytes raw, int i) {
    int length = Utf8.lengthAt(raw, i);
    int first = raw.at(i) & 0xff;
    return switch (length) {
      case 1 -> first < 0x20 || first == 0x7f || first == '/' ? 0 : 1;
      case 2 -> first == 0xc2 && (raw.at(i + 1) & 0xff) < 0xa0 ? 0 : 2;
      default -> length;
    };
  }

  /**
   * The length of the escapes from {@code i} that stand for themselves together, as their bytes are
   * a character that needs no escape; 0 if they are not.
   *
   * @param quotes how often the first is quoted
   */
  private static int foreignLength(Bytes text, int i, int quotes) {
    byte[] sequence = new byte[LONGEST_CHARACTER];
    int count = 0;
    int at = i;
    while (count < sequence.length && at < text.length() && quotes(text, at) == quotes) {
      at += escapeLength(quotes);
      sequence[count++] = (byte) byteAt(text, at - 2);
    }
    boolean isAscii = sequence[0] >= 0;
    return isAscii ? 0 : characterLength(Bytes.wrap(sequence), 0) * escapeLength(quotes);
  }

  private static int escapeLength(int quotes) {
    return PERCENT.length() + 2 * quotes + 2;
  }

  /** How often the escape at {@code i} is quoted, or -1 if none is there. */
  private static int quotes(Bytes text, int i) {
    if (text.at(i) != '%') {
      return -1;
    }
    int digits = afterQuotes(text, i);
    int value = byteAt(text, digits);
    boolean wouldBeWritten =
        (value >= 0 && value < 0x20) || value == '.' || value == '/' || value >= 0x7f;
    return wouldBeWritten ? (digits - i - 1) / 2 : -1;
  }

  /** The byte whose two digits are at {@code i}, or -1. */
  private static int byteAt(Bytes text, int i) {
    int high = digit(text, i);
    int low = digit(text, i + 1);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
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
