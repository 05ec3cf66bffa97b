package io.redisfuse.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * An immutable string of bytes: a key, a field or a value. Redis gives none of them an encoding, so
 * neither does this.
 *
 * <p>Ordered byte by byte, unsigned; equal when all bytes are equal.
 */
public final class Bytes implements Comparable<Bytes> {

  /** No bytes at all, which is a valid key, field and value. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;
  private int hash;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Copies {@code source}. */
  public static Bytes copyOf(byte[] source) {
    return source.length == 0 ? EMPTY : new Bytes(source.clone());
  }

  /** Copies what remains in {@code source}, whose position does not change. */
  public static Bytes copyOf(ByteBuffer source) {
    byte[] copy = new byte[source.remaining()];
    source.duplicate().get(copy);
    return new Bytes(copy);
  }

  /** Takes {@code array} without a copy: the caller must never change it again. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
  }

  /** The UTF-8 form of {@code text}. */
  public static Bytes utf8(String text) {
    return wrap(text.getBytes(UTF_8));
  }

  public int length() {
    return array.length;
  }

  public boolean isEmpty() {
    return array.length == 0;
  }

  /** The byte at {@code index}. */
  public byte at(int index) {
    return array[index];
  }

  /** A copy of the bytes from {@code start} (inclusive) to {@code end} (exclusive). */
  public Bytes slice(int start, int end) {
    Objects.checkFromToIndex(start, end, array.length);
    return start == 0 && end == array.length ? this : wrap(Arrays.copyOfRange(array, start, end));
  }

  /** A copy of the bytes from {@code start} to the end. */
  public Bytes slice(int start) {
    return slice(start, array.length);
  }

  /** These bytes, then those of {@code tail}. */
  public Bytes concat(Bytes tail) {
    if (tail.isEmpty()) {
      return this;
    }
    byte[] joined = Arrays.copyOf(array, Math.addExact(array.length, tail.array.length));
    System.arraycopy(tail.array, 0, joined, array.length, tail.array.length);
    return wrap(joined);
  }

  public boolean startsWith(Bytes head) {
    return array.length >= head.array.length
        && Arrays.equals(array, 0, head.array.length, head.array, 0, head.array.length);
  }

  public boolean endsWith(Bytes tail) {
    int start = array.length - tail.array.length;
    return start >= 0
        && Arrays.equals(array, start, array.length, tail.array, 0, tail.array.length);
  }

  /** The first index at or after {@code from} where {@code part} begins, or -1. */
  public int indexOf(Bytes part, int from) {
    for (int i = Math.max(from, 0); i + part.array.length <= array.length; i++) {
      if (Arrays.equals(array, i, i + part.array.length, part.array, 0, part.array.length)) {
        return i;
      }
    }
    return -1;
  }

  /** A copy of all bytes. */
  public byte[] toByteArray() {
    return array.clone();
  }

  /** A read-only view of all bytes, without a copy. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /**
   * The array behind these bytes, without a copy, for libraries that take arrays and do not change
   * them. Whoever changes it breaks every holder of this value.
   */
  @SuppressWarnings("EI_EXPOSE_REP")
  public byte[] unsafeArray() {
    return array;
  }

  /** The bytes as UTF-8 text; what is not valid UTF-8 becomes U+FFFD. */
  public String toUtf8() {
    return new String(array, UTF_8);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(array, that.array);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = Arrays.hashCode(array);
      hash = h;
    }
    return h;
  }

  /** For messages and logs: printable ASCII as it is, other bytes as {@code \xHH}, cut at 120. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < array.length && i < 120; i++) {
      int b = array[i] & 0xff;
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b));
      }
    }
    return array.length > 120 ? text + "… (" + array.length + " bytes)" : text.toString();
  }
}
