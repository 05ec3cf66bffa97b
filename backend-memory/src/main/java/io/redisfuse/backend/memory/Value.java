package io.redisfuse.backend.memory;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.api.WrongTypeException;
import java.util.OptionalLong;

/** What a key holds. Immutable. */
sealed interface Value
    permits Value.StringValue, Value.HashValue, CollectionValue, Value.OtherValue {

  Type type();

  /** Of a string its bytes, of a collection its elements. */
  OptionalLong size();

  /**
   * This value as the string of {@code key}.
   *
   * @throws WrongTypeException if it is none
   */
  default StringValue requireString(Bytes key) {
    throw new WrongTypeException(key, type());
  }

  /**
   * This value as the hash of {@code key}.
   *
   * @throws WrongTypeException if it is none
   */
  default HashValue requireHash(Bytes key) {
    throw new WrongTypeException(key, type());
  }

  /**
   * This value as the list, set, sorted set or stream of {@code key}.
   *
   * @throws WrongTypeException if it is none
   */
  default CollectionValue requireCollection(Bytes key) {
    throw new WrongTypeException(key, type());
  }

  /** A string. */
  record StringValue(Content content) implements Value {
    @Override
    public Type type() {
      return Type.STRING;
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(content.size());
    }

    @Override
    public StringValue requireString(Bytes key) {
      return this;
    }
  }

  /** A hash, which has at least one field. */
  record HashValue(SortedTree<Bytes, Content> fields) implements Value {
    static final HashValue EMPTY = new HashValue(SortedTree.empty());

    @Override
    public Type type() {
      return Type.HASH;
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(fields.size());
    }

    @Override
    public HashValue requireHash(Bytes key) {
      return this;
    }
  }

  /** What stands for a type of a module: it is listed, and cannot be read. */
  record OtherValue() implements Value {
    @Override
    public Type type() {
      return Type.OTHER;
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.empty();
    }
  }
}
