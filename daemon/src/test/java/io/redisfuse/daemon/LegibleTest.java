package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import org.junit.jupiter.api.Test;

class LegibleTest {

  @Test
  void textStaysWhatItIs() {
    assertThat(Legible.of(Bytes.utf8("a b é€😀"))).isEqualTo("a b é€😀");
    assertThat(Legible.line(Bytes.utf8("\ta \\n b"))).isEqualTo("\ta \\n b");
    assertThat(Legible.of(Bytes.EMPTY)).isEmpty();
  }

  @Test
  void aTerminalGetsNoCommands() {
    assertThat(Legible.of(Bytes.utf8("a\033[31m\n\r\t\0\u009b\u202eb\\")))
        .isEqualTo("a\\x1b[31m\\n\\r\\t\\x00\\u009b\\u202eb\\\\");
    assertThat(Legible.line(Bytes.utf8("\033]0;\\"))).isEqualTo("\\x1b]0;\\\\");
  }

  @Test
  void bytesThatAreNoTextAreEscapedOneByOne() {
    byte[] bytes = {'a', (byte) 0xff, (byte) 0xe2, (byte) 0x82, 'b', (byte) 0xc3, (byte) 0xa9, -30};
    assertThat(Legible.of(Bytes.wrap(bytes))).isEqualTo("a\\xff\\xe2\\x82bé\\xe2");
    assertThat(Legible.isUtf8(Bytes.wrap(bytes))).isFalse();
    assertThat(Legible.isUtf8(Bytes.utf8("é\uFFFD"))).isTrue();
  }

  @Test
  void cellsAreNamedAsInMessages() {
    assertThat(Legible.of(Cell.string(Bytes.utf8("a:é")))).isEqualTo("key a:é");
    assertThat(Legible.of(Cell.field(Bytes.utf8("h"), Bytes.utf8("f\n"))))
        .isEqualTo("field f\\n of hash h");
  }
}
