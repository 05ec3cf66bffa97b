package io.redisfuse.frontend.names;

import static io.redisfuse.frontend.names.TroublesomeBytes.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.nio.charset.CharacterCodingException;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EscapesTest {

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

  @Property(tries = 1000)
  void aCutEndsBetweenCharactersAndEscapes(
      @ForAll("troublesome") Bytes raw, @ForAll @IntRange(max = 12) int limit) {
    Bytes text = Escapes.escape(raw);
    Bytes head = Escapes.cut(text, limit);
    assertThat(text.startsWith(head)).isTrue();
    assertThat(isUtf8(head)).isTrue();
    assertThat(Escapes.unescape(head).concat(Escapes.unescape(text.slice(head.length()))))
        .isEqualTo(raw);
    assertThat(head.length()).isBetween(Math.min(limit - 3, text.length()), limit);
  }

  @Example
  void plainTextStaysAsItIs() {
    for (String text : new String[] {"", "a b", "100%", "%2e", "%2", "é€😀", "a:b", "~%", "%%"}) {
      assertThat(Escapes.escape(Bytes.utf8(text))).isEqualTo(Bytes.utf8(text));
    }
  }

  @Example
  void aPercentSignIsEscapedWhereItWouldMeanMore() {
    assertEscaped("%2E", "%252E");
    assertEscaped("%%2E", "%%252E");
    assertEscaped("%~", "%25~");
    assertEscaped("%25", "%2525");
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

  private static void assertEscaped(String raw, String text) {
    assertThat(Escapes.escape(Bytes.utf8(raw))).isEqualTo(Bytes.utf8(text));
    assertThat(Escapes.unescape(Bytes.utf8(text))).isEqualTo(Bytes.utf8(raw));
  }

  private static boolean isOneCharacter(Bytes text) {
    return isUtf8(text) && text.toUtf8().codePoints().count() == 1;
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
