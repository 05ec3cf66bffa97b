package io.redisfuse.frontend.names;

import static io.redisfuse.frontend.names.TroublesomeBytes.repeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NewFilesTest {

  private static final Names NAMES = new Names(new Keyspace(Bytes.EMPTY, Bytes.utf8(":")));
  private static final String DIGEST = "0123456789abcdef".repeat(2);

  @Test
  void aLockIsAString() {
    assertThat(created("config.lock")).contains(key("config.lock"));
    assertThat(created("a.b.lock")).contains(key("a.b.lock"));
    assertThat(created(".lock")).contains(key(".lock"));
    assertThat(created("a.lock.b")).contains(field("a", "lock.b"));
  }

  @Test
  void whatHasNoExtensionIsAString() {
    assertThat(created("bob")).contains(key("bob"));
    assertThat(created(".gitignore")).contains(key(".gitignore"));
  }

  @Test
  void whatHasAnExtensionIsAFieldOfAHash() {
    assertThat(created("bob.hello")).contains(field("bob", "hello"));
    assertThat(created("a.b.c")).contains(field("a", "b.c"));
    assertThat(created(".vimrc.old")).contains(field(".vimrc", "old"));
    assertThat(created("bob.")).contains(field("bob", ""));
    assertThat(created("..x")).contains(field(".", "x"));
    assertThat(created("é.x")).contains(field("é", "x"));
  }

  @Test
  void whatHasAnExtensionIsAStringIfItsBaseIsNoHash() {
    assertThat(created("bob.hello", key("bob"))).contains(key("bob.hello"));
    assertThat(created("a.b.c", key("a"))).contains(key("a.b.c"));
    assertThat(created("a.b.c", key("a.b"))).contains(field("a", "b.c"));
    assertThat(created("a%2Eb.c", key("a.b"))).contains(key("a.b.c"));
  }

  @Test
  void aDirectoryBesideTheBaseChangesNothing() {
    assertThat(created("hooks.d", new Entry.Directory(utf8("hooks"))))
        .contains(field("hooks", "d"));
  }

  @Test
  void allNewFilesAreStringsForPeopleWhoWantThat() {
    assertThat(NAMES.forNewFile(utf8("bob.hello"), NewFiles.STRINGS, entry -> false))
        .contains(key("bob.hello"));
    assertThat(NAMES.forNewFile(utf8("bob"), NewFiles.STRINGS, entry -> false))
        .contains(key("bob"));
  }

  @Test
  void aDirectoryCanBeGivenAValue() {
    assertThat(created("%value")).contains(new Entry.OwnValue());
    assertThat(created("%25value")).contains(key("%value"));
  }

  @Test
  void escapesAreReadBeforeTheyReachAKey() {
    assertThat(created("a%2Fb")).contains(key("a/b"));
    assertThat(created("a%2Eb")).contains(key("a.b"));
    assertThat(created("a.%00")).contains(field("a", "\0"));
    assertThat(created("100%")).contains(key("100%"));
  }

  @Test
  void namesFromTheWebReachAKeyAsTheyAre() {
    assertThat(created("Foo%20Bar.html")).contains(field("Foo%20Bar", "html"));
    assertThat(created("caf%C3%A9.html")).contains(field("caf%C3%A9", "html"));
    assertThat(created("a%3Ab")).contains(key("a%3Ab"));
    assertThat(created("100%25")).contains(key("100%25"));
  }

  @Test
  void whatCouldNotBeFoundAgainIsRefused() {
    assertThat(created("")).isEmpty();
    assertThat(created(".")).isEmpty();
    assertThat(created("..")).isEmpty();
    assertThat(created("a/b")).isEmpty();
    assertThat(created("a\0")).isEmpty();
    assertThat(created("a:b")).isEmpty();
    assertThat(created("a:b.c")).isEmpty();
    assertThat(created("a.b:c")).contains(field("a", "b:c"));
    assertThat(created("a.b:c", key("a"))).isEmpty();
    assertThat(created("a%~" + DIGEST)).isEmpty();
    assertThat(NAMES.forNewFile(repeat("a", 256), NewFiles.RULES, entry -> false)).isEmpty();
  }

  @Test
  void aStringThatWouldBeADirectorysMarkerIsRefused() {
    assertThat(created("%")).isEmpty();
    assertThat(created("%.f")).contains(field("", "f"));
  }

  @Test
  void aDirectoryOrCollectionIsNamedByTheWholeName() {
    assertThat(NAMES.forNewKey(utf8("conf.d"))).contains(key("conf.d"));
    assertThat(NAMES.forNewKey(utf8("a.lock"))).contains(key("a.lock"));
    assertThat(NAMES.forNewKey(utf8("%2E%2E"))).contains(key(".."));
    assertThat(NAMES.forNewKey(utf8("%"))).contains(key(""));
  }

  @Test
  void aDirectoryCannotHaveANameThatMeansSomethingElse() {
    for (String name : new String[] {"", ".", "..", "%value", "a:b", "a/b", "%~" + DIGEST}) {
      assertThat(NAMES.forNewKey(utf8(name))).as(name).isEmpty();
    }
    Names twoColons = new Names(new Keyspace(Bytes.EMPTY, utf8("::")));
    assertThat(twoColons.forNewKey(utf8("a:"))).isEmpty();
    assertThat(twoColons.forNewKey(utf8("a:b"))).contains(key("a:b"));
  }

  private static Optional<Entry> created(String name, Entry... existing) {
    return NAMES.forNewFile(utf8(name), NewFiles.RULES, Set.of(existing)::contains);
  }

  private static Entry field(String segment, String field) {
    return new Entry.Field(utf8(segment), utf8(field));
  }

  private static Entry key(String segment) {
    return new Entry.Key(utf8(segment));
  }

  private static Bytes utf8(String text) {
    return Bytes.utf8(text);
  }
}
