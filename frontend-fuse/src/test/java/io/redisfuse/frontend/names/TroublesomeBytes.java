package io.redisfuse.frontend.names;

import io.redisfuse.api.Bytes;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Segments, fields and names made of the pieces that are most likely to be mistaken. */
final class TroublesomeBytes {

  private static final List<Bytes> PIECES =
      List.of(
          Bytes.utf8("a"),
          Bytes.utf8("b"),
          Bytes.utf8("."),
          Bytes.utf8(":"),
          Bytes.utf8("/"),
          Bytes.utf8("%"),
          Bytes.utf8("2"),
          Bytes.utf8("E"),
          Bytes.utf8("5"),
          Bytes.utf8("~"),
          Bytes.utf8("value"),
          Bytes.utf8("lock"),
          Bytes.utf8("\0"),
          Bytes.utf8("\n"),
          bytes(0x7f),
          bytes(0x80),
          bytes(0xc3),
          bytes(0xa9),
          bytes(0xc2, 0x85),
          bytes(0xed, 0xa0, 0x80),
          bytes(0xc0, 0xaf),
          bytes(0xff),
          Bytes.utf8("é"),
          Bytes.utf8("€"),
          Bytes.utf8("😀"));

  /** What names from the web are made of, our own escapes, and parts and bytes of both. */
  private static final List<Bytes> PERCENTS =
      List.of(
          Bytes.utf8("%C3"),
          Bytes.utf8("%A9"),
          Bytes.utf8("%E2"),
          Bytes.utf8("%82"),
          Bytes.utf8("%AC"),
          Bytes.utf8("%C3%A9"),
          Bytes.utf8("%E2%82%AC"),
          Bytes.utf8("%25C3%25A9"),
          Bytes.utf8("%C2%80"),
          Bytes.utf8("%FF"),
          Bytes.utf8("%20"),
          Bytes.utf8("%25"),
          Bytes.utf8("%2E"),
          Bytes.utf8("%2F"),
          Bytes.utf8("%00"),
          Bytes.utf8("%"),
          Bytes.utf8("25"),
          Bytes.utf8("C3"),
          Bytes.utf8("2E"),
          Bytes.utf8("."),
          Bytes.utf8("a"),
          Bytes.utf8("value"),
          Bytes.utf8("~0123456789abcdef0123456789abcdef"),
          Bytes.utf8("é"),
          bytes(0xc3),
          bytes(0xa9));

  private static final List<String> LONG =
      List.of("a", "é", "€", "😀", "%", "%25", "%C3%A9", "%25FF", ".", "\n", "a.");

  private TroublesomeBytes() {}

  static Bytes bytes(int... values) {
    byte[] array = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      array[i] = (byte) values[i];
    }
    return Bytes.wrap(array);
  }

  static Bytes repeat(String text, int length) {
    return Bytes.utf8(text.repeat(length / Bytes.utf8(text).length()));
  }

  /** Mostly dots and a few letters, so that different entries want the same name. */
  static Arbitrary<Bytes> dotted() {
    return Arbitraries.of("a", "b", ".", ".", "%")
        .list()
        .ofMaxSize(6)
        .map(list -> Bytes.utf8(String.join("", list)));
  }

  static Arbitrary<Bytes> pieces() {
    return Arbitraries.of(PIECES).list().ofMaxSize(6).map(TroublesomeBytes::join);
  }

  static Arbitrary<Bytes> percents() {
    return Arbitraries.of(PERCENTS).list().ofMaxSize(8).map(TroublesomeBytes::join);
  }

  /** Around and above the longest name. */
  static Arbitrary<Bytes> longer() {
    return Arbitraries.of(LONG)
        .flatMap(
            text ->
                Arbitraries.of(80, 215, 222, 248, 254, 256, 300)
                    .map(length -> repeat(text, length)))
        .flatMap(head -> pieces().map(head::concat));
  }

  /** Without edge cases, which take jqwik long to find and are found anyway. */
  static Arbitrary<Bytes> any() {
    return Arbitraries.frequencyOf(
            Tuple.of(8, dotted()),
            Tuple.of(8, pieces()),
            Tuple.of(8, percents()),
            Tuple.of(1, longer()))
        .withoutEdgeCases();
  }

  static Arbitrary<Bytes> delimiters() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.of(Bytes.utf8(":"))),
        Tuple.of(
            4, Arbitraries.of("::", "/", ".", "%", "aa", "aba", "\0", "é", ".:").map(Bytes::utf8)));
  }

  private static Bytes join(List<Bytes> parts) {
    Bytes all = Bytes.EMPTY;
    for (Bytes part : parts) {
      all = all.concat(part);
    }
    return all;
  }
}
