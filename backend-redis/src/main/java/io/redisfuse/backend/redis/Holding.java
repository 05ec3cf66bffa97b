package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a name will hold after some of a transaction's changes. */
sealed interface Holding {

  /** What the key {@code origin} held before the transaction, whatever its name is now. */
  record Untouched(Bytes origin) implements Holding {}

  /** No key. */
  record Nothing() implements Holding {}

  /** A string. */
  interface StringContent {

    /**
     * The content, if {@code lookup} tells what of the server's content it is made from.
     *
     * @param lookup tells the content of a string that was on the server before
     */
    Optional<Bytes> content(Function<Cell, Optional<Bytes>> lookup);

    /** Whether it is no longer than {@code bytes}. */
    boolean fits(long bytes, Facts facts);
  }

  /** A string that the transaction wrote. */
  record Written(StringContent content) implements Holding {}

  /**
   * A hash of which the transaction wrote fields.
   *
   * @param origin the key that it was before, if it was one
   * @param fields what was written; empty for what was deleted
   */
  record Fields(Optional<Bytes> origin, Map<Bytes, Optional<Bytes>> fields) implements Holding {
    static Fields of(Optional<Bytes> origin) {
      return new Fields(origin, new LinkedHashMap<>());
    }
  }

  /** Content that is known. */
  record Literal(Bytes bytes) implements StringContent {
    @Override
    public Optional<Bytes> content(Function<Cell, Optional<Bytes>> lookup) {
      return Optional.of(bytes);
    }

    @Override
    public boolean fits(long limit, Facts facts) {
      return bytes.length() <= limit;
    }
  }

  /** Content that is on the server. */
  record Stored(Bytes origin) implements StringContent {
    @Override
    public Optional<Bytes> content(Function<Cell, Optional<Bytes>> lookup) {
      return lookup.apply(Cell.string(origin));
    }

    @Override
    public boolean fits(long limit, Facts facts) {
      return limit >= 0 && facts.fits(origin, limit);
    }
  }

  /** Content that was appended to. */
  record Appended(StringContent before, Bytes tail) implements StringContent {
    @Override
    public Optional<Bytes> content(Function<Cell, Optional<Bytes>> lookup) {
      return before.content(lookup).map(head -> head.concat(tail));
    }

    @Override
    public boolean fits(long limit, Facts facts) {
      return before.fits(limit - tail.length(), facts);
    }
  }

  /** Content that was written into. */
  record Patched(StringContent before, long offset, Bytes part) implements StringContent {
    @Override
    public Optional<Bytes> content(Function<Cell, Optional<Bytes>> lookup) {
      return before.content(lookup).map(whole -> patched(whole, offset, part));
    }

    @Override
    public boolean fits(long limit, Facts facts) {
      return offset <= limit - part.length() && before.fits(limit, facts);
    }
  }

  /** {@code whole} with {@code part} at {@code offset}, and zeros in a gap before it. */
  static Bytes patched(Bytes whole, long offset, Bytes part) {
    int start = Math.toIntExact(offset);
    int end = Math.addExact(start, part.length());
    byte[] result = Arrays.copyOf(whole.unsafeArray(), Math.max(whole.length(), end));
    System.arraycopy(part.unsafeArray(), 0, result, start, part.length());
    return Bytes.wrap(result);
  }
}
