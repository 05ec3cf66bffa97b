package io.redisfuse.frontend.names;

import static io.redisfuse.frontend.names.TroublesomeBytes.bytes;
import static io.redisfuse.frontend.names.TroublesomeBytes.repeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class NamesTest {

  private static final Names NAMES = new Names(new Keyspace(Bytes.EMPTY, Bytes.utf8(":")));

  @Test
  void aFieldShowsAsAnExtension() {
    assertNamed(field("post-update", "sample"), "post-update.sample");
    assertNamed(field("a", "b.c"), "a.b.c");
    assertNamed(field("a", ""), "a.");
    assertNamed(field(".git", "x"), ".git.x");
    assertNamed(field("a.b", "c"), "a.b.c");
  }

  @Test
  void keysAndDirectoriesAreCalledWhatTheyAre() {
    assertNamed(key("exclude"), "exclude");
    assertNamed(key(".gitignore"), ".gitignore");
    assertNamed(key("a.b.c"), "a.b.c");
    assertNamed(directory("a.b"), "a.b");
    assertNamed(key("spaces and é€😀"), "spaces and é€😀");
    assertNamed(key("..."), "...");
    assertNamed(key("~"), "~");
  }

  @Test
  void allThatWantTheSameNameGetDifferentOnes() {
    Listing listing = Listing.of(key("a.b.c"), field("a", "b.c"), field("a.b", "c"));
    assertThat(listing.name(field("a", "b.c"))).isEqualTo(utf8("a.b.c"));
    assertThat(listing.name(field("a.b", "c"))).isEqualTo(utf8("a%2Eb.c"));
    assertThat(listing.name(key("a.b.c"))).isEqualTo(utf8("a%2Eb%2Ec"));
    assertReversible(listing);
  }

  @Test
  void aStringWithADotGivesWayToAField() {
    Listing listing = Listing.of(key("a.b"), field("a", "b"));
    assertThat(listing.name(key("a.b"))).isEqualTo(utf8("a%2Eb"));
    assertReversible(listing);
  }

  @Test
  void aDirectoryWithADotGivesWayToAField() {
    Listing listing = Listing.of(directory(".a.b"), field(".a", "b"));
    assertThat(listing.name(directory(".a.b"))).isEqualTo(utf8(".a%2Eb"));
    assertReversible(listing);
  }

  @Test
  void aKeyThatIsCalledAsAnotherIsListedStaysApartFromIt() {
    Listing listing = Listing.of(key("a.b"), field("a", "b"), key("a%2Eb"), key("a%252Eb"));
    assertThat(listing.name(key("a%2Eb"))).isEqualTo(utf8("a%252Eb"));
    assertThat(listing.name(key("a%252Eb"))).isEqualTo(utf8("a%25252Eb"));
    assertReversible(listing);
  }

  @Test
  void aHashAndADirectoryOfTheSameSegmentStandSideBySide() {
    Listing listing = Listing.of(directory("a"), field("a", "b"), field("a", ""));
    assertThat(listing.allNames()).containsExactly(utf8("a"), utf8("a.b"), utf8("a."));
    assertReversible(listing);
  }

  @Test
  void theValueOfADirectorysOwnKeyIsPercentValue() {
    Listing listing = Listing.of(new Entry.OwnValue(), key("%value"), directory("value"));
    assertThat(listing.allNames()).containsExactly(utf8("%value"), utf8("%25value"), utf8("value"));
    assertReversible(listing);
    assertThat(NAMES.candidates(utf8("%value"))).containsExactly(new Entry.OwnValue());
    assertNamed(key("%25value"), "%2525value");
    assertNamed(key("a%value"), "a%value");
    assertNamed(field("%value", "f"), "%value.f");
    assertNamed(field("a", "%value"), "a.%value");
  }

  @Test
  void dotAndDotDotAreNeverListed() {
    assertNamed(key("."), "%2E");
    assertNamed(key(".."), "%2E%2E");
    assertNamed(directory("."), "%2E");
    assertNamed(directory(".."), "%2E%2E");
    assertNamed(field(".", ""), "%2E.");
    assertNamed(field(".", "."), "...");
    assertNamed(field(".", "f"), "..f");
    assertNamed(field("..", "f"), "...f");
    assertThat(NAMES.candidates(utf8("."))).isEmpty();
    assertThat(NAMES.candidates(utf8(".."))).isEmpty();
  }

  @Test
  void hashesThatStartWithDotsAreToldApart() {
    Listing listing = Listing.of(field(".", ".f"), field("..", "f"), key("...f"), field(".", ""));
    assertThat(listing.allNames())
        .containsExactly(utf8("...f"), utf8(".%2E.f"), utf8(".%2E%2Ef"), utf8("%2E."));
    assertReversible(listing);
  }

  @Test
  void anEmptySegmentIsAPercentSign() {
    assertNamed(key(""), "%");
    assertNamed(directory(""), "%");
    assertNamed(field("", "f"), "%.f");
    assertNamed(field("", ""), "%.");
    assertNamed(key("%"), "%25");
    assertNamed(directory("%25"), "%2525");
    assertNamed(key("%%"), "%%");
    assertNamed(field("%", "f"), "%25.f");
    assertNamed(field("a", "%"), "a.%");
    Listing listing = Listing.of(key(""), key("%"), field("", "f"), key("%.f"), field("%", "f"));
    assertThat(listing.name(key("%.f"))).isEqualTo(utf8("%%2Ef"));
    assertReversible(listing);
  }

  @Test
  void slashesNulsAndNewlinesAreEscaped() {
    assertNamed(key("a/b"), "a%2Fb");
    assertNamed(key("/"), "%2F");
    assertNamed(field("a", "\0"), "a.%00");
    assertNamed(key("a\nb"), "a%0Ab");
    assertThat(NAMES.candidates(utf8("a/b"))).isEmpty();
    assertThat(NAMES.candidates(utf8("a\0"))).isEmpty();
  }

  @Test
  void aNewlineThatIsNotEscapedMeansTheSame() {
    assertThat(Listing.of(key("a\nb")).resolve(utf8("a\nb"))).contains(key("a\nb"));
  }

  @Test
  void whatIsNotUtf8IsReachable() {
    Entry entry = new Entry.Field(bytes(0xc3), bytes(0xa9));
    assertNamed(entry, "%C3.%A9");
    assertThat(Listing.of(entry).resolve(bytes(0xc3, '.', 0xa9))).contains(entry);
  }

  @Test
  void aPercentSignIsItselfInEveryPositionWhereItCanBe() {
    for (String plain : new String[] {"%a", "a%", "a%b", "%%", "100%", "%2", "%2e", "%.", ".%"}) {
      assertNamed(key(plain), plain);
    }
    assertNamed(key("%2E"), "%252E");
    assertNamed(key("a%2E"), "a%252E");
    assertNamed(key("%~"), "%~");
    assertNamed(field("a", "%25"), "a.%25");
    assertNamed(field("a%C3", "%A9"), "a%25C3.%25A9");
    assertNamed(field("a%", "2E"), "a%.2E");
    assertNamed(field("a", "%2E"), "a.%252E");
    assertNamed(field("%2", "E"), "%2.E");
  }

  @Test
  void aNameOfTheGreatestLengthIsNotCut() {
    assertThat(Listing.of(new Entry.Key(repeat("a", 255))).allNames())
        .containsExactly(repeat("a", 255));
  }

  @Test
  void whatIsTooLongIsCutAndEndsInADigest() {
    Bytes segment = repeat("a", 300);
    Listing listing =
        Listing.of(
            new Entry.Key(segment),
            new Entry.Key(segment.concat(utf8("b"))),
            new Entry.Directory(segment.concat(utf8("c"))),
            new Entry.Field(segment, utf8("f")),
            new Entry.Field(segment.slice(1), utf8("f")),
            new Entry.Field(segment.slice(1), utf8("af")));
    for (Bytes name : listing.allNames()) {
      assertThat(name.toUtf8()).matches("a{221}%~[0-9a-f]{32}");
      assertThat(NAMES.isShortened(name)).isTrue();
      assertThat(NAMES.candidates(name)).isEmpty();
    }
    assertReversible(listing);
  }

  @Test
  void aCutGoesThroughNoCharacterAndNoEscape() {
    assertThat(Listing.of(new Entry.Key(repeat("€", 300))).allNames().get(0).toUtf8())
        .matches("€{73}%~[0-9a-f]{32}");
    assertThat(Listing.of(new Entry.Key(repeat("\n", 100))).allNames().get(0).toUtf8())
        .matches("(%0A){73}%~[0-9a-f]{32}");
  }

  @Test
  void aShortenedNameDoesNotDependOnItsNeighbours() {
    Entry entry = new Entry.Key(repeat("a", 10).concat(utf8(".")).concat(repeat("b", 300)));
    Entry neighbour = new Entry.Field(repeat("a", 10), repeat("b", 300));
    Bytes alone = Listing.of(entry).name(entry);
    assertThat(Listing.of(entry, neighbour).name(entry)).isEqualTo(alone);
    assertReversible(Listing.of(entry, neighbour));
  }

  @Test
  void aKeyThatLooksShortenedIsNot() {
    String digest = "0123456789abcdef".repeat(2);
    assertNamed(key("a%~" + digest), "a%25~" + digest);
    assertNamed(key("a%25~" + digest), "a%2525~" + digest);
    assertNamed(key("25~" + digest), "25~" + digest);
    assertNamed(field("a", "%~" + digest), "a.%25~" + digest);
    assertNamed(field("%~" + digest, "a"), "%~" + digest + ".a");
    assertNamed(key("%~" + digest + ".a"), "%~" + digest + ".a");
    assertThat(NAMES.isShortened(utf8("a%25~" + digest))).isFalse();
    assertThat(NAMES.isShortened(utf8("%~" + digest))).isTrue();
    assertThat(NAMES.isShortened(utf8("%~" + digest.toUpperCase(Locale.ROOT)))).isFalse();
    assertThat(NAMES.isShortened(utf8("%~" + digest + "0"))).isFalse();
  }

  @Test
  void anExistingNameIsAFieldThenADirectoryThenAKey() {
    assertThat(NAMES.candidates(utf8("a.b.c")))
        .containsExactly(field("a", "b.c"), field("a.b", "c"), directory("a.b.c"), key("a.b.c"));
    assertThat(NAMES.candidates(utf8(".a.b")))
        .containsExactly(field(".a", "b"), directory(".a.b"), key(".a.b"));
    assertThat(NAMES.candidates(utf8("a"))).containsExactly(directory("a"), key("a"));
    assertThat(NAMES.candidates(utf8("é.f")))
        .containsExactly(field("é", "f"), directory("é.f"), key("é.f"));
    assertThat(NAMES.candidates(utf8("%2E.f")))
        .containsExactly(field(".", "f"), directory("..f"), key("..f"));
  }

  @Test
  void anEscapedDotSeparatesNothing() {
    assertThat(NAMES.candidates(utf8("a%2Eb"))).containsExactly(directory("a.b"), key("a.b"));
  }

  @Test
  void aNameWithTheDelimiterInItMeansNoKey() {
    assertThat(NAMES.candidates(utf8("a:b"))).isEmpty();
    assertThat(NAMES.candidates(utf8("a%3Ab"))).containsExactly(directory("a%3Ab"), key("a%3Ab"));
    assertThat(NAMES.candidates(utf8("a.b:c"))).containsExactly(field("a", "b:c"));
    assertNamed(field("a", "b:c"), "a.b:c");
  }

  @Test
  void aNameThatIsTooLongMeansNothing() {
    assertThat(NAMES.candidates(repeat("a", 256))).isEmpty();
    assertThat(NAMES.candidates(Bytes.EMPTY)).isEmpty();
  }

  private static void assertNamed(Entry entry, String name) {
    Listing listing = Listing.of(entry);
    assertThat(listing.name(entry)).isEqualTo(utf8(name));
    assertThat(listing.resolve(utf8(name))).contains(entry);
  }

  private static void assertReversible(Listing listing) {
    assertThat(listing.allNames()).doesNotHaveDuplicates();
    for (Entry entry : listing.entries()) {
      assertThat(listing.resolve(listing.name(entry))).contains(entry);
    }
  }

  private static Entry field(String segment, String field) {
    return new Entry.Field(utf8(segment), utf8(field));
  }

  private static Entry directory(String segment) {
    return new Entry.Directory(utf8(segment));
  }

  private static Entry key(String segment) {
    return new Entry.Key(utf8(segment));
  }

  private static Bytes utf8(String text) {
    return Bytes.utf8(text);
  }
}
