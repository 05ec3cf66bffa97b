package io.redisfuse.frontend.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;

@AddLifecycleHook(WithinTime.class)
class KeyspacePropertiesTest {

  private static final Bytes FIELD = Bytes.utf8("f.g");

  private enum Kind {
    EMPTY_STRING,
    HASH,
    OTHER
  }

  @Provide
  Arbitrary<Keyspace> keyspaces() {
    return Combinators.combine(
            Arbitraries.of("", "a", "a:", ":", "::", "a/").map(Bytes::utf8),
            TroublesomeBytes.delimiters())
        .as(Keyspace::new);
  }

  @Provide
  Arbitrary<Bytes> tails() {
    return Arbitraries.of("a", "b", ":", ":", ":", "/", ".", "é", "\0", "%", ".redisfuse:")
        .list()
        .ofMaxSize(9)
        .map(parts -> Bytes.utf8(String.join("", parts)));
  }

  @Provide
  Arbitrary<Map<Bytes, Kind>> keys() {
    return Arbitraries.maps(tails(), Arbitraries.of(Kind.class)).ofMaxSize(12);
  }

  @Property(tries = 2000)
  void segmentsJoinedAreTheKey(
      @ForAll("keyspaces") Keyspace keyspace, @ForAll("tails") Bytes tail) {
    Bytes key = keyspace.prefix().concat(tail);
    List<Bytes> segments = keyspace.segments(key);
    Bytes stem = keyspace.root();
    for (Bytes segment : segments.subList(0, segments.size() - 1)) {
      assertThat(keyspace.canBeDirectory(segment)).isTrue();
      Bytes child = keyspace.stem(stem, segment);
      assertThat(keyspace.parentOfStem(child)).contains(stem);
      assertThat(keyspace.ownKey(child)).contains(keyspace.key(stem, segment));
      stem = child;
    }
    Bytes last = segments.get(segments.size() - 1);
    assertThat(keyspace.canEndKey(last)).isTrue();
    assertThat(keyspace.parentStem(key)).isEqualTo(stem);
    assertThat(keyspace.lastSegment(key)).isEqualTo(last);
    assertThat(keyspace.key(stem, last)).isEqualTo(key);
  }

  @Property(tries = 2000)
  void whatIsPutIntoADirectoryIsFoundThere(
      @ForAll("keyspaces") Keyspace keyspace,
      @ForAll("tails") Bytes tail,
      @ForAll("tails") Bytes segment) {
    Bytes stem = keyspace.parentStem(keyspace.prefix().concat(tail));
    if (keyspace.canEndKey(segment)) {
      Bytes key = keyspace.key(stem, segment);
      assertThat(keyspace.parentStem(key)).isEqualTo(stem);
      assertThat(keyspace.lastSegment(key)).isEqualTo(segment);
    }
    if (keyspace.canBeDirectory(segment)) {
      Bytes marker = keyspace.stem(stem, segment);
      assertThat(keyspace.parentOfStem(marker)).contains(stem);
      assertThat(keyspace.mayBeMarker(marker)).isEqualTo(keyspace.contains(marker));
    }
  }

  @Property(tries = 1000)
  void everyCellHasOnePathThatLeadsBackToIt(
      @ForAll("keyspaces") Keyspace keyspace, @ForAll("keys") Map<Bytes, Kind> tails) {
    Map<Bytes, Kind> keys = new LinkedHashMap<>();
    tails.forEach((tail, kind) -> keys.put(keyspace.prefix().concat(tail), kind));
    keys.keySet().removeIf(key -> !keyspace.contains(key));
    keys.entrySet()
        .removeIf(e -> e.getValue() == Kind.EMPTY_STRING && keyspace.mayBeMarker(e.getKey()));
    Assume.that(!keys.isEmpty());

    Map<Bytes, Listing> directories = directories(keyspace, keys);
    Map<List<Bytes>, Bytes> keysByPath = new LinkedHashMap<>();
    keys.forEach(
        (key, kind) -> {
          Bytes place = placeOf(keyspace, directories, key, kind);
          Listing listing = directories.get(place);
          Bytes name = listing.name(entryOf(keyspace, directories, key, kind));
          Bytes other = keysByPath.put(List.of(place, name), key);
          assertThat(other).as("another key at the same path").isNull();
          assertThat(keyOf(keyspace, place, listing.resolve(name))).contains(key);
        });
  }

  private static Map<Bytes, Listing> directories(Keyspace keyspace, Map<Bytes, Kind> keys) {
    Names names = new Names(keyspace);
    Map<Bytes, Listing> directories = new LinkedHashMap<>();
    directories.put(keyspace.root(), new Listing(names));
    for (Bytes key : keys.keySet()) {
      Bytes stem = keyspace.parentStem(key);
      for (Optional<Bytes> own = keyspace.ownKey(stem);
          own.isPresent();
          own = keyspace.ownKey(stem)) {
        directories.computeIfAbsent(stem, s -> new Listing(names));
        stem = keyspace.parentStem(own.get());
        directories
            .computeIfAbsent(stem, s -> new Listing(names))
            .add(new Entry.Directory(keyspace.lastSegment(own.get())));
      }
    }
    keys.forEach(
        (key, kind) ->
            directories
                .get(placeOf(keyspace, directories, key, kind))
                .add(entryOf(keyspace, directories, key, kind)));
    return directories;
  }

  private static boolean isOwnValue(
      Keyspace keyspace, Map<Bytes, Listing> directories, Bytes key, Kind kind) {
    Bytes stem = keyspace.stem(keyspace.parentStem(key), keyspace.lastSegment(key));
    return kind != Kind.HASH && directories.containsKey(stem);
  }

  private static Bytes placeOf(
      Keyspace keyspace, Map<Bytes, Listing> directories, Bytes key, Kind kind) {
    return isOwnValue(keyspace, directories, key, kind)
        ? key.concat(keyspace.delimiter())
        : keyspace.parentStem(key);
  }

  private static Entry entryOf(
      Keyspace keyspace, Map<Bytes, Listing> directories, Bytes key, Kind kind) {
    Bytes segment = keyspace.lastSegment(key);
    if (kind == Kind.HASH) {
      return new Entry.Field(segment, FIELD);
    }
    return isOwnValue(keyspace, directories, key, kind)
        ? new Entry.OwnValue()
        : new Entry.Key(segment);
  }

  private static Optional<Bytes> keyOf(Keyspace keyspace, Bytes stem, Optional<Entry> found) {
    Entry entry = found.orElseThrow();
    if (entry instanceof Entry.Field field) {
      return Optional.of(keyspace.key(stem, field.segment()));
    }
    if (entry instanceof Entry.Key key) {
      return Optional.of(keyspace.key(stem, key.segment()));
    }
    return entry instanceof Entry.OwnValue ? keyspace.ownKey(stem) : Optional.empty();
  }
}
