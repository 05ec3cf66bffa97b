package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Put;
import io.redisfuse.api.Element.FieldValue;
import io.redisfuse.api.Element.ScoredMember;
import io.redisfuse.api.Element.StreamEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** What the parts of {@link BackendContract} stand on. */
interface ContractFixture {

  /** The TTL of tests that do not wait for its end. */
  Duration HOUR = Duration.ofHours(1);

  Backend backend();

  /** A second backend over the same store. */
  Backend another();

  /** What all keys of this test start with. */
  Bytes prefix();

  void makeList(Bytes key, List<Bytes> items);

  void makeSet(Bytes key, List<Bytes> members);

  void makeSortedSet(Bytes key, List<ScoredMember> members);

  void makeStream(Bytes key, List<StreamEntry> entries);

  default Bytes key(String name) {
    return key(Bytes.utf8(name));
  }

  default Bytes key(Bytes name) {
    return prefix().concat(name);
  }

  default Cell string(String name) {
    return Cell.string(key(name));
  }

  default Cell field(String name, String field) {
    return Cell.field(key(name), Bytes.utf8(field));
  }

  default void commit(Change... changes) {
    backend().commit(Transaction.of(changes));
  }

  default void put(Cell cell, Bytes content) {
    commit(new Put(cell, content));
  }

  default void put(Cell cell, String content) {
    put(cell, Bytes.utf8(content));
  }

  default void expire(Bytes key, Duration ttl) {
    commit(new Expire(key, Optional.of(ttl)));
  }

  /** Makes a key of {@code type} with a few elements. */
  default void make(Type type, Bytes key) {
    Bytes one = Bytes.utf8("one");
    Bytes two = Bytes.utf8("two");
    switch (type) {
      case STRING -> put(Cell.string(key), one);
      case HASH -> commit(new Put(Cell.field(key, one), one), new Put(Cell.field(key, two), two));
      case LIST -> makeList(key, List.of(two, one, two));
      case SET -> makeSet(key, List.of(one, two));
      case SORTED_SET ->
          makeSortedSet(key, List.of(new ScoredMember(2, one), new ScoredMember(1.5, two)));
      case STREAM ->
          makeStream(key, List.of(new StreamEntry("7-1", List.of(new FieldValue(one, two)))));
      case OTHER -> throw new AssertionError("nobody can make a key of a module's type");
    }
  }

  /** All that {@code key} holds, to be compared, or nothing if it does not exist. */
  default Optional<Object> held(Bytes key) {
    CellStatus status = backend().describe(List.of(Cell.string(key))).get(Cell.string(key));
    if (status == null) {
      return Optional.empty();
    }
    return switch (status.type()) {
      case STRING -> content(Cell.string(key)).map(content -> content);
      case HASH -> Optional.of(fieldsOf(key));
      case SET -> Optional.of(new HashSet<>(backend().elements(key)));
      case LIST, SORTED_SET, STREAM -> Optional.of(backend().elements(key));
      case OTHER -> Optional.of(status);
    };
  }

  private Map<Bytes, Bytes> fieldsOf(Bytes key) {
    Map<Bytes, Bytes> contents = new HashMap<>();
    for (FieldStatus field : backend().fields(List.of(key)).getOrDefault(key, List.of())) {
      contents.put(field.field(), content(Cell.field(key, field.field())).orElseThrow());
    }
    return contents;
  }

  default Optional<Bytes> content(Cell cell) {
    return backend().read(cell).map(Snapshot::content);
  }

  default void assertHolds(Cell cell, String content) {
    assertHolds(cell, Bytes.utf8(content));
  }

  default void assertHolds(Cell cell, Bytes content) {
    assertThat(backend().read(cell)).as("%s", cell).contains(Snapshot.of(content));
  }

  default void assertAbsent(Cell cell) {
    assertThat(backend().read(cell)).as("%s", cell).isEmpty();
  }

  default void assertNoKey(Bytes key) {
    assertThat(backend().describe(List.of(Cell.string(key)))).as("%s", key).isEmpty();
  }

  default CellStatus status(Cell cell) {
    Map<Cell, CellStatus> statuses = backend().describe(List.of(cell));
    assertThat(statuses).containsOnlyKeys(cell);
    return statuses.get(cell);
  }

  default Optional<Duration> ttl(Bytes key) {
    return status(Cell.string(key)).ttl();
  }

  /** That {@code key} expires in an hour, give or take the time that a test lasts. */
  default void assertExpiresInAnHour(Bytes key) {
    assertThat(ttl(key))
        .as("TTL of %s", key)
        .hasValueSatisfying(ttl -> assertThat(ttl).isBetween(HOUR.minusMinutes(10), HOUR));
  }

  default void assertNeverExpires(Bytes key) {
    assertThat(ttl(key)).as("TTL of %s", key).isEmpty();
  }

  /** The same random bytes for the same {@code size}. */
  static Bytes random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /** {@code base} with {@code part} written over it at {@code offset}. */
  static Bytes patched(Bytes base, int offset, Bytes part) {
    byte[] bytes = new byte[Math.max(base.length(), offset + part.length())];
    base.asByteBuffer().get(bytes, 0, base.length());
    part.asByteBuffer().get(bytes, offset, part.length());
    return Bytes.wrap(bytes);
  }

  /** All 256 bytes, in order. */
  static Bytes allBytes() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return Bytes.wrap(bytes);
  }

  /** {@code name0} … {@code name(count-1)}. */
  static List<Bytes> numbered(String name, int count) {
    List<Bytes> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(Bytes.utf8(name + i));
    }
    return all;
  }
}
