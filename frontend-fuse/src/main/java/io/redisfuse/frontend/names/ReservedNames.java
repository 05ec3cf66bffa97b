package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;

/**
 * Names that stand for no text: {@code %value}, and those that {@linkplain Shortening were cut},
 * which end in {@code %~} and a digest.
 *
 * <p>A text that reads like one of them is named with a {@code 25} after that percent sign, and so
 * is one that reads like such a name, as it is for {@linkplain Escapes escapes}. All other texts
 * are their own names.
 */
final class ReservedNames {

  static final Bytes OWN_VALUE = Bytes.utf8("%value");

  private static final Bytes VALUE = Bytes.utf8("value");
  private static final String DIGITS = "0123456789abcdef";

  private ReservedNames() {}

  static boolean isShortened(Bytes name) {
    int percent = percentBeforeDigest(name);
    return percent >= 0 && !isQuoted(name, percent);
  }

  /** The name for {@code text}, which is no reserved one. */
  static Bytes nameOf(Bytes text) {
    int percent = percent(text);
    return percent < 0 ? text : Escapes.quote(text, percent);
  }

  /** The text that {@code name} stands for, which is no reserved one. */
  static Bytes textOf(Bytes name) {
    int percent = percent(name);
    return percent < 0 ? name : Escapes.unquote(name, percent);
  }

  /** Where the percent sign is, quoted or not, that makes a name reserved; or -1. */
  private static int percent(Bytes text) {
    boolean isValue =
        text.endsWith(VALUE)
            && text.startsWith(Escapes.PERCENT)
            && Escapes.afterQuotes(text, 0) == text.length() - VALUE.length();
    return isValue ? 0 : percentBeforeDigest(text);
  }

  private static int percentBeforeDigest(Bytes text) {
    int tilde = text.length() - Shortening.DIGEST_LENGTH - 1;
    if (tilde < 1 || text.at(tilde) != '~') {
      return -1;
    }
    for (int i = tilde + 1; i < text.length(); i++) {
      if (DIGITS.indexOf(text.at(i)) < 0) {
        return -1;
      }
    }
    int percent = tilde - 1;
    while (percent > 1 && text.at(percent) == '5' && text.at(percent - 1) == '2') {
      percent -= 2;
    }
    return text.at(percent) == '%' ? percent : -1;
  }

  private static boolean isQuoted(Bytes name, int percent) {
    return Escapes.afterQuotes(name, percent) > percent + 1;
  }
}
