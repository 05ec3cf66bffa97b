package io.redisfuse.frontend.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
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

class NamesPropertiesTest {

  /** Of one text; more of them only take time. */
  private static final int MOST_DOTS = 8;

  private static final Names NAMES = new Names(new Keyspace(Bytes.EMPTY, Bytes.utf8(":")));

  /** What there is of one segment. */
  private enum Shape {
    HASH,
    KEY,
    DIRECTORY,
    HASH_AND_DIRECTORY
  }

  /** A wish for something in a directory, granted if it can stand beside what is there. */
  private record Wish(Bytes segment, Shape shape, List<Bytes> fields) {}

  /** The contents of a directory, and the names of things that might be there. */
  private record Scene(Keyspace keyspace, Names names, Listing listing) {}

  @Provide
  Arbitrary<Bytes> troublesome() {
    return TroublesomeBytes.any();
  }

  @Provide
  Arbitrary<Scene> scenes() {
    Arbitrary<List<Wish>> wishes =
        Arbitraries.oneOf(apart(), splitFromOneText(), apart())
            .list()
            .ofMaxSize(8)
            .map(lists -> lists.stream().flatMap(List::stream).toList());
    return Combinators.combine(TroublesomeBytes.delimiters(), wishes, Arbitraries.of(true, false))
        .as(NamesPropertiesTest::scene)
        .withoutEdgeCases();
  }

  private static Arbitrary<List<Wish>> apart() {
    return Combinators.combine(
            TroublesomeBytes.any(),
            Arbitraries.of(Shape.class),
            TroublesomeBytes.any().list().ofMinSize(1).ofMaxSize(3))
        .as((segment, shape, fields) -> List.of(new Wish(segment, shape, fields)));
  }

  /** All entries that one text could name: the hardest neighbours. */
  private static Arbitrary<List<Wish>> splitFromOneText() {
    return Combinators.combine(
            Arbitraries.oneOf(TroublesomeBytes.dotted(), TroublesomeBytes.any()),
            Arbitraries.of(Shape.KEY, Shape.DIRECTORY))
        .as(
            (text, shape) -> {
              List<Wish> wishes = new ArrayList<>();
              for (int dot = 0; dot < text.length() && wishes.size() < MOST_DOTS; dot++) {
                if (text.at(dot) == '.') {
                  wishes.add(
                      new Wish(text.slice(0, dot), Shape.HASH, List.of(text.slice(dot + 1))));
                }
              }
              wishes.add(new Wish(text, shape, List.of()));
              return wishes;
            });
  }

  private static Scene scene(Bytes delimiter, List<Wish> wishes, boolean hasOwnValue) {
    Keyspace keyspace = new Keyspace(Bytes.EMPTY, delimiter);
    Names names = new Names(keyspace);
    Listing listing = new Listing(names);
    Map<Bytes, Shape> shapes = new LinkedHashMap<>();
    wishes.forEach(wish -> grant(wish, keyspace, listing, shapes));
    // Keys that are called as others are listed, twice over.
    for (int i = 0; i < 2; i++) {
      for (Bytes name : listing.allNames()) {
        grant(new Wish(name, Shape.KEY, List.of()), keyspace, listing, shapes);
      }
    }
    if (hasOwnValue) {
      listing.add(new Entry.OwnValue());
    }
    return new Scene(keyspace, names, listing);
  }

  private static void grant(
      Wish wish, Keyspace keyspace, Listing listing, Map<Bytes, Shape> shapes) {
    Bytes segment = wish.segment();
    boolean isDirectory =
        wish.shape() == Shape.DIRECTORY || wish.shape() == Shape.HASH_AND_DIRECTORY;
    if (!keyspace.canEndKey(segment)
        || (isDirectory && !keyspace.canBeDirectory(segment))
        || shapes.getOrDefault(segment, wish.shape()) != wish.shape()) {
      return;
    }
    shapes.put(segment, wish.shape());
    if (isDirectory) {
      listing.add(new Entry.Directory(segment));
    }
    if (wish.shape() == Shape.KEY) {
      listing.add(new Entry.Key(segment));
    }
    if (wish.shape() == Shape.HASH || wish.shape() == Shape.HASH_AND_DIRECTORY) {
      wish.fields().forEach(field -> listing.add(new Entry.Field(segment, field)));
    }
  }

  @Property(tries = 2000)
  void noTwoEntriesShareAName(@ForAll("scenes") Scene scene) {
    List<Bytes> all = scene.listing().allNames();
    assertThat(new HashSet<>(all)).hasSameSizeAs(all);
  }

  @Property(tries = 2000)
  void everyNameResolvesToItsEntry(@ForAll("scenes") Scene scene) {
    for (Entry entry : scene.listing().entries()) {
      Bytes name = scene.listing().name(entry);
      assertThat(scene.listing().resolve(name)).as("%s, named %s", entry, name).contains(entry);
    }
  }

  @Property(tries = 1000)
  void everyNameIsOneThatAFileMayHave(@ForAll("scenes") Scene scene) {
    for (Bytes name : scene.listing().allNames()) {
      assertThat(name.length()).as("length of %s", name).isBetween(1, 255);
      assertThat(EscapesTest.isUtf8(name)).as("%s is UTF-8", name).isTrue();
      assertThat(EscapesTest.hasSlashOrControl(name))
          .as("%s has a slash or a control character", name)
          .isFalse();
      assertThat(name).isNotIn(Bytes.utf8("."), Bytes.utf8(".."));
    }
  }

  @Property(tries = 1000)
  void anyNameMeansSomethingOrNothing(
      @ForAll("scenes") Scene scene, @ForAll("troublesome") Bytes name) {
    assertThatCode(
            () -> {
              scene.names().candidates(name);
              scene.names().isShortened(name);
              scene.names().forNewKey(name);
              scene.names().forNewFile(name, NewFiles.RULES, scene.listing()::contains);
              scene.names().forNewFile(name, NewFiles.STRINGS, scene.listing()::contains);
            })
        .doesNotThrowAnyException();
  }

  @Property(tries = 2000)
  void aNewFileIsFoundUnderTheNameThatItWasGiven(
      @ForAll("scenes") Scene scene, @ForAll("troublesome") Bytes name, @ForAll NewFiles rules) {
    Listing listing = scene.listing();
    Assume.that(listing.resolve(name).isEmpty());
    Optional<Entry> created = scene.names().forNewFile(name, rules, listing::contains);
    created.ifPresent(listing::add);
    assertThat(listing.resolve(name)).isEqualTo(created);
  }

  @Provide
  Arbitrary<Bytes> listable() {
    return Arbitraries.oneOf(TroublesomeBytes.percents(), TroublesomeBytes.any())
        .filter(EscapesTest::isUtf8)
        .filter(name -> !EscapesTest.hasSlashOrControl(name))
        .filter(name -> !name.toUtf8().contains("%2E"))
        .withoutEdgeCases();
  }

  @Property(tries = 4000)
  void aNewFileInAnEmptyDirectoryIsListedUnderTheNameThatItWasGiven(
      @ForAll("listable") Bytes name, @ForAll NewFiles rules) {
    Listing listing = Listing.of();
    Optional<Entry> created = NAMES.forNewFile(name, rules, listing::contains);
    Assume.that(created.isPresent());
    listing.add(created.get());
    assertThat(listing.allNames()).containsExactly(name);
  }

  @Property(tries = 2000)
  void aNewDirectoryInAnEmptyOneIsListedUnderTheNameThatItWasGiven(@ForAll("listable") Bytes name) {
    Optional<Entry> created = NAMES.forNewKey(name);
    Assume.that(created.isPresent());
    Listing listing = Listing.of(new Entry.Directory(((Entry.Key) created.get()).segment()));
    assertThat(listing.allNames()).containsExactly(name);
  }

  @Property(tries = 1000)
  void aNewFileIsRefusedOnlyIfItsNameCannotBeGivenToAny(@ForAll("listable") Bytes name) {
    boolean cannot =
        name.isEmpty()
            || name.length() > Names.MAX_BYTES
            || NAMES.isShortened(name)
            || List.of(".", "..", "%").contains(name.toUtf8())
            || name.toUtf8().contains(":");
    Assume.that(!cannot);
    assertThat(NAMES.forNewFile(name, NewFiles.STRINGS, entry -> false)).isPresent();
  }

  @Property(tries = 1000)
  void aNewDirectoryIsFoundUnderTheNameThatItWasGiven(
      @ForAll("scenes") Scene scene, @ForAll("troublesome") Bytes name) {
    Listing listing = scene.listing();
    Assume.that(listing.resolve(name).isEmpty());
    Optional<Entry> created =
        scene
            .names()
            .forNewKey(name)
            .map(entry -> new Entry.Directory(((Entry.Key) entry).segment()));
    created.ifPresent(listing::add);
    assertThat(listing.resolve(name)).isEqualTo(created);
  }

  @Property(tries = 1000)
  void aNameDoesNotDependOnTheOrderInWhichTheRestCame(@ForAll("scenes") Scene scene) {
    Listing reversed = new Listing(scene.names());
    List<Entry> entries = new ArrayList<>(scene.listing().entries());
    for (int i = entries.size() - 1; i >= 0; i--) {
      reversed.add(entries.get(i));
    }
    for (Entry entry : entries) {
      assertThat(reversed.name(entry)).isEqualTo(scene.listing().name(entry));
    }
  }
}
