package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import io.redisfuse.api.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collections as text, one element a line, made for grep: a list in its order, a set sorted, a
 * sorted set as {@code score<TAB>member}, a stream as {@code id<TAB>field=value…}. Control
 * characters and backslashes are escaped as in C, so that each element is exactly one line.
 */
final class ElementText {

  private static final int PART = 64 << 10;

  private final Content content = Content.empty();
  private final ByteBuffer pending = ByteBuffer.allocate(PART);

  private ElementText() {}

  static Content of(List<Element> elements) {
    List<Element> lines = elements;
    if (!elements.isEmpty() && elements.get(0) instanceof Element.Member) {
      lines = new ArrayList<>(elements);
      lines.sort(Comparator.comparing(element -> ((Element.Member) element).value()));
    }
    ElementText text = new ElementText();
    lines.forEach(text::line);
    text.flush();
    return text.content;
  }

  /** Whether keys of the type can be shown. */
  static boolean shows(Type type) {
    return switch (type) {
      case LIST, SET, SORTED_SET, STREAM -> true;
      case STRING, HASH, OTHER -> false;
    };
  }

  private void line(Element element) {
    if (element instanceof Element.ListItem item) {
      escaped(item.value());
    } else if (element instanceof Element.Member member) {
      escaped(member.value());
    } else if (element instanceof Element.ScoredMember scored) {
      plain(score(scored.score()));
      put('\t');
      escaped(scored.value());
    } else if (element instanceof Element.StreamEntry entry) {
      plain(entry.id());
      for (Element.FieldValue field : entry.fields()) {
        put('\t');
        escaped(field.field());
        put('=');
        escaped(field.value());
      }
    }
    put('\n');
  }

  /** As Redis writes scores: no exponent where it is not needed, no {@code .0}. */
  private static String score(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    double magnitude = Math.abs(score);
    if (score == 0 || (magnitude >= 1e-5 && magnitude < 1e17)) {
      return BigDecimal.valueOf(score).stripTrailingZeros().toPlainString();
    }
    return Double.toString(score).replace("E", "e");
  }

  private void escaped(Bytes bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      int b = bytes.at(i) & 0xff;
      switch (b) {
        case '\\' -> plain("\\\\");
        case '\n' -> plain("\\n");
        case '\r' -> plain("\\r");
        case '\t' -> plain("\\t");
        default -> {
          if (b < 0x20 || b == 0x7f) {
            plain(String.format("\\%03o", b));
          } else {
            put(b);
          }
        }
      }
    }
  }

  private void plain(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      put(ascii.charAt(i));
    }
  }

  private void put(int b) {
    if (!pending.hasRemaining()) {
      flush();
    }
    pending.put((byte) b);
  }

  private void flush() {
    pending.flip();
    content.write(content.size(), pending);
    pending.clear();
  }
}
