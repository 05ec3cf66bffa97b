package io.redisfuse.frontend.names;

import static io.redisfuse.frontend.names.TroublesomeBytes.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EscapesTest {

  private static final List<Bytes> SHORT =
      List.of(
          Bytes.utf8("%"),
          Bytes.utf8("25"),
          Bytes.utf8("C3"),
          Bytes.utf8("A9"),
          Bytes.utf8("2F"),
          Bytes.utf8("%C3"),
          Bytes.utf8("%A9"),
          bytes(0xc3),
          bytes(0xa9));

  @Provide
  Arbitrary<Bytes> troublesome() {
    return TroublesomeBytes.any();
  }

  @Property(tries = 2000)
  void whatIsEscapedIsReadBack(@ForAll("troublesome") Bytes raw) {
    assertThat(Escapes.unescape(Escapes.escape(raw))).isEqualTo(raw);
    assertThat(Escapes.unescape(Escapes.escapeDots(Escapes.escape(raw)))).isEqualTo(raw);
  }

  @Property(tries = 2000)
  void anyBytesEscapedAreUtf8ThatIsReadBack(@ForAll @Size(max = 12) byte[] array) {
    Bytes raw = Bytes.copyOf(array);
    Bytes text = Escapes.escape(raw);
    assertThat(isUtf8(text)).isTrue();
    assertThat(Escapes.unescape(text)).isEqualTo(raw);
  }

  @Property(tries = 2000)
  void utf8IsWhatTheJdkTakesForIt(
      @ForAll @IntRange(min = 0xc0, max = 0xff) int first,
      @ForAll @IntRange(min = 0x78, max = 0xc8) int second,
      @ForAll @Size(max = 2) byte[] rest) {
    Bytes sequence = bytes(first, second).concat(Bytes.copyOf(rest));
    int length = Utf8.lengthAt(sequence, 0);
    for (int n = 1; n <= sequence.length(); n++) {
      assertThat(n == length).isEqualTo(isOneCharacter(sequence.slice(0, n)));
    }
  }

  @Property(tries = 2000)
  void whatIsReadBackIsWrittenAsItWas(@ForAll("troublesome") Bytes text) {
    Assume.that(isUtf8(text) && !hasSlashOrControl(text) && !text.toUtf8().contains("%2E"));
    assertThat(Escapes.escape(Escapes.unescape(text))).isEqualTo(text);
  }

  /** All short texts and bytes there are of a few pieces. */
  @Example
  void shortTextsAndBytesBelongToEachOtherOneToOne() {
    List<Bytes> all = List.of(Bytes.EMPTY);
    for (int i = 0; i < 5; i++) {
      List<Bytes> longer = new ArrayList<>();
      for (Bytes head : all) {
        SHORT.forEach(piece -> longer.add(head.concat(piece)));
      }
      all = longer;
      for (Bytes bytes : all) {
        assertThat(Escapes.unescape(Escapes.escape(bytes))).isEqualTo(bytes);
        if (isUtf8(bytes)) {
          assertThat(Escapes.escape(Escapes.unescape(bytes))).isEqualTo(bytes);
        }
      }
    }
  }

  @Provide
  Arbitrary<String> foreign() {
    return Arbitraries.of(
            "%20",
            "%3A",
            "%C3%A9",
            "%E2%82%AC",
            "%F0%9F%98%80",
            "%25",
            "%25C3%25A9",
            "%",
            "%c3",
            "%41",
            "%2",
            "a",
            ".",
            "~",
            " ",
            "é",
            "€")
        .list()
        .ofMaxSize(8)
        .map(pieces -> String.join("", pieces));
  }

  @Property(tries = 1000)
  void whatWeWouldNotWriteIsNoEscape(@ForAll("foreign") String text) {
    assertPlain(text);
  }

  @Property(tries = 1000)
  void aCutEndsBetweenCharactersAndEscapes(
      @ForAll("troublesome") Bytes raw, @ForAll @IntRange(max = 12) int limit) {
    Bytes text = Escapes.escape(raw);
    Bytes head = Escapes.cut(text, limit);
    assertThat(text.startsWith(head)).isTrue();
    assertThat(isUtf8(head)).isTrue();
    assertThat(Escapes.unescape(head).concat(Escapes.unescape(text.slice(head.length()))))
        .isEqualTo(raw);
    assertThat(head.length()).isLessThanOrEqualTo(limit);
    assertThat(Escapes.cut(text, text.length())).isEqualTo(text);
  }

  @Example
  void plainTextStaysAsItIs() {
    for (String text : new String[] {"", "a b", "100%", "%2e", "%2", "é€😀", "a:b", "~%", "%%"}) {
      assertPlain(text);
    }
  }

  @Example
  void namesFromTheWebStayAsTheyAre() {
    for (String text :
        new String[] {
          "Foo%20Bar.html",
          "a%3Ab%3Fc%3Dd",
          "caf%C3%A9",
          "%E2%82%AC%C3%A9%F0%9F%98%80",
          "100%25",
          "Foo%2520Bar",
          "caf%25C3%25A9",
          "caf%2525C3%2525A9",
          "%C2%A0",
          "%2525"
        }) {
      assertPlain(text);
    }
  }

  @Example
  void whatLooksLikeAnEscapeIsQuoted() {
    assertEscaped("%2E", "%252E");
    assertEscaped("%%2E", "%%252E");
    assertEscaped("%252F", "%25252F");
    assertEscaped("%00%7F", "%2500%257F");
    assertEscaped("%FF", "%25FF");
    assertEscaped("%C2%80", "%25C2%2580");
    assertEscaped("%25C2%2580", "%2525C2%252580");
  }

  @Example
  void escapesThatAreACharacterTogetherStandForThemselves() {
    assertEscaped("%C3%A9%A9", "%C3%A9%25A9");
    assertEscaped("%E2%C3%A9", "%25E2%C3%A9");
    assertEscaped("%E2%82a%AC", "%25E2%2582a%25AC");
    assertEscaped("%25C3%A9", "%2525C3%25A9");
    assertEscaped("%C3%2E%A9", "%25C3%252E%25A9");
    assertEscaped("%ED%A0%80", "%25ED%25A0%2580");
    assertThat(Escapes.unescape(Bytes.utf8("%C3%A9%A9")))
        .isEqualTo(Bytes.utf8("%C3%A9").concat(bytes(0xa9)));
    assertThat(Escapes.unescape(Bytes.utf8("%C3%2E%A9"))).isEqualTo(bytes(0xc3, '.', 0xa9));
  }

  @Example
  void textThatFollowsAnEscapeDoesNotBelongToIt() {
    Bytes raw = bytes(0xc3).concat(Bytes.utf8("%A9"));
    assertThat(Escapes.escape(raw)).isEqualTo(Bytes.utf8("%C3%25A9"));
    assertThat(Escapes.unescape(Bytes.utf8("%C3%25A9"))).isEqualTo(raw);
  }

  @Example
  void slashesAndControlCharactersAreEscaped() {
    assertEscaped("a/b", "a%2Fb");
    assertEscaped("\0", "%00");
    assertEscaped("a\nb\t", "a%0Ab%09");
    assertEscaped("\u007f\u0080\u009f\u00a0", "%7F%C2%80%C2%9F\u00a0");
  }

  @Example
  void whatIsNotUtf8IsEscapedByteByByte() {
    assertThat(Escapes.escape(bytes(0xc3))).isEqualTo(Bytes.utf8("%C3"));
    assertThat(Escapes.escape(bytes(0xc0, 0xaf))).isEqualTo(Bytes.utf8("%C0%AF"));
    assertThat(Escapes.escape(bytes(0xe0, 0x80, 0xaf))).isEqualTo(Bytes.utf8("%E0%80%AF"));
    assertThat(Escapes.escape(bytes(0xed, 0xa0, 0x80))).isEqualTo(Bytes.utf8("%ED%A0%80"));
    assertThat(Escapes.escape(bytes(0xf4, 0x90, 0x80, 0x80))).isEqualTo(Bytes.utf8("%F4%90%80%80"));
    assertThat(Escapes.escape(bytes(0xe2, 0x82, 'a'))).isEqualTo(Bytes.utf8("%E2%82a"));
  }

  private static void assertPlain(String text) {
    assertEscaped(text, text);
  }

  private static void assertEscaped(String raw, String text) {
    assertThat(Escapes.escape(Bytes.utf8(raw))).isEqualTo(Bytes.utf8(text));
    assertThat(Escapes.unescape(Bytes.utf8(text))).isEqualTo(Bytes.utf8(raw));
  }

  private static boolean isOneCharacter(Bytes text) {
    return isUtf8(text) && text.toUtf8().codePoints().count() == 1;
  }

  static boolean hasSlashOrControl(Bytes text) {
    return text.toUtf8().chars().anyMatch(c -> c == '/' || Character.isISOControl(c));
  }

  static boolean isUtf8(Bytes text) {
    try {
      UTF_8.newDecoder().decode(text.asByteBuffer());
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
