package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BytesTest {

  private static Bytes bytes(int... values) {
    byte[] array = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      array[i] = (byte) values[i];
    }
    return Bytes.wrap(array);
  }

  @Test
  void aCopyDoesNotChangeWithItsSource() {
    byte[] source = {1, 2, 3};
    Bytes copy = Bytes.copyOf(source);
    source[0] = 9;

    assertThat(copy).isEqualTo(bytes(1, 2, 3));
  }

  @Test
  void aCopyOfABufferTakesWhatRemainsAndDoesNotConsumeIt() {
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4});
    buffer.position(1).limit(3);

    assertThat(Bytes.copyOf(buffer)).isEqualTo(bytes(2, 3));
    assertThat(buffer.position()).isEqualTo(1);
  }

  @Test
  void whatIsGivenOutAsACopyDoesNotChangeTheBytes() {
    Bytes bytes = bytes(1, 2, 3);
    bytes.toByteArray()[0] = 9;

    assertThat(bytes).isEqualTo(bytes(1, 2, 3));
  }

  @Test
  void aViewIsReadOnly() {
    ByteBuffer view = bytes(1, 2).asByteBuffer();

    assertThat(view.remaining()).isEqualTo(2);
    assertThatThrownBy(() -> view.put((byte) 9)).isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void equalBytesAreEqualWhereverTheyCameFrom() {
    Bytes whole = Bytes.utf8("abcdef");

    assertThat(whole.slice(2, 4)).isEqualTo(Bytes.utf8("cd")).hasSameHashCodeAs(Bytes.utf8("cd"));
    assertThat(whole).isNotEqualTo(Bytes.utf8("abcdeg")).isNotEqualTo("abcdef");
    assertThat(Bytes.copyOf(new byte[0])).isSameAs(Bytes.EMPTY);
  }

  @Test
  void theOrderIsUnsignedAndAPrefixComesFirst() {
    TreeSet<Bytes> sorted = new TreeSet<>();
    sorted.add(bytes(0xff));
    sorted.add(bytes(0x80));
    sorted.add(bytes(0x7f, 1));
    sorted.add(bytes(0x7f));
    sorted.add(Bytes.EMPTY);

    assertThat(sorted)
        .containsExactly(Bytes.EMPTY, bytes(0x7f), bytes(0x7f, 1), bytes(0x80), bytes(0xff));
  }

  @Test
  void slicesAreBounded() {
    Bytes abc = Bytes.utf8("abc");

    assertThat(abc.slice(1)).isEqualTo(Bytes.utf8("bc"));
    assertThat(abc.slice(3)).isSameAs(Bytes.EMPTY);
    assertThat(abc.slice(0, 3)).isSameAs(abc);
    assertThatThrownBy(() -> abc.slice(4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> abc.slice(2, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> abc.slice(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> abc.at(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void bytesJoin() {
    assertThat(Bytes.utf8("ab").concat(Bytes.utf8("cd"))).isEqualTo(Bytes.utf8("abcd"));
    assertThat(Bytes.EMPTY.concat(Bytes.utf8("cd"))).isEqualTo(Bytes.utf8("cd"));
    assertThat(Bytes.utf8("ab").concat(Bytes.EMPTY)).isEqualTo(Bytes.utf8("ab"));
  }

  @ParameterizedTest
  @CsvSource({"'',true,true", "a,true,false", "abc,true,true", "bc,false,true", "abcd,false,false"})
  void headsAndTailsAreFound(String part, boolean starts, boolean ends) {
    assertThat(Bytes.utf8("abc").startsWith(Bytes.utf8(part))).isEqualTo(starts);
    assertThat(Bytes.utf8("abc").endsWith(Bytes.utf8(part))).isEqualTo(ends);
  }

  @ParameterizedTest
  @CsvSource({"b,0,1", "b,1,1", "b,2,3", "b,4,-1", "ab,-5,0", "'',5,5", "'',6,-1", "abababa,0,-1"})
  void aPartIsFoundFromAnIndexOn(String part, int from, int index) {
    assertThat(Bytes.utf8("ababa").indexOf(Bytes.utf8(part), from)).isEqualTo(index);
  }

  @Test
  void textIsUtf8AndWhatIsNotIsReplaced() {
    assertThat(Bytes.utf8("ü").length()).isEqualTo(2);
    assertThat(Bytes.utf8("日本🎈").toUtf8()).isEqualTo("日本🎈");
    assertThat(bytes('a', 0xff).toUtf8()).isEqualTo("a\ufffd");
  }

  @Test
  void messagesShowPrintableBytesAndEscapeTheOthers() {
    assertThat(bytes('a', ' ', '~', '\\', '\n', 0, 0x7f, 0xff))
        .hasToString("a ~\\x5c\\x0a\\x00\\x7f\\xff");
  }

  @Test
  void messagesAreNotFloodedByLongBytes() {
    assertThat(Bytes.wrap(new byte[1_000_000]).toString())
        .hasSizeLessThan(600)
        .endsWith("… (1000000 bytes)");
  }
}
