package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.Locale;

/**
 * Bytes as a person can read them on a terminal, which they cannot command: UTF-8 as it is, but for
 * control characters, those that turn the direction of the text, and what is not UTF-8, which are
 * escaped as in C.
 */
final class Legible {

  private Legible() {}

  /** On one line, and unambiguous: backslashes are doubled. */
  static String of(Bytes bytes) {
    return escaped(bytes);
  }

  /** One line of a text, without its end: as it is if nothing of it must be escaped. */
  static String line(Bytes line) {
    String text = line.toUtf8();
    return isUtf8(line) && text.codePoints().noneMatch(c -> c != '\t' && mustBeEscaped(c))
        ? text
        : escaped(line);
  }

  /** Where the cell is. */
  static String of(Cell cell) {
    return cell instanceof Cell.FieldCell field
        ? "field " + of(field.field()) + " of hash " + of(field.key())
        : "key " + of(cell.key());
  }

  /** Whether all of it is well-formed. */
  static boolean isUtf8(Bytes bytes) {
    return Bytes.utf8(bytes.toUtf8()).equals(bytes);
  }

  private static String escaped(Bytes bytes) {
    StringBuilder text = new StringBuilder();
    ByteBuffer in = bytes.asByteBuffer();
    CharBuffer out = CharBuffer.allocate(bytes.length() + 1);
    CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    while (in.hasRemaining()) {
      CoderResult result = decoder.decode(in, out.clear(), /* endOfInput= */ true);
      out.flip().codePoints().forEach(c -> append(text, c));
      for (int i = 0; result.isError() && i < result.length(); i++) {
        text.append(String.format(Locale.ROOT, "\\x%02x", in.get()));
      }
      decoder.reset();
    }
    return text.toString();
  }

  private static void append(StringBuilder text, int c) {
    switch (c) {
      case '\\' -> text.append("\\\\");
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      default -> {
        if (mustBeEscaped(c)) {
          text.append(String.format(Locale.ROOT, c < 0x80 ? "\\x%02x" : "\\u%04x", c));
        } else {
          text.appendCodePoint(c);
        }
      }
    }
  }

  private static boolean mustBeEscaped(int c) {
    boolean turnsDirection =
        c == 0x61c
            || c == 0x200e
            || c == 0x200f
            || (c >= 0x202a && c <= 0x202e)
            || (c >= 0x2066 && c <= 0x2069);
    return turnsDirection || Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
  }
}
