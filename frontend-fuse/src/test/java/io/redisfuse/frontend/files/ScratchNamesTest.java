package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchNamesTest {

  private static final OpenMode EXCLUSIVELY = OpenMode.of(WRITE, EXCLUSIVE);

  private final ScratchNames names = ScratchNames.defaults();

  private static Bytes name(String name) {
    return Bytes.utf8(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".note.swp",
        ".note.swo",
        ".note.swx",
        "note~",
        "a.b~",
        ".#note",
        "#note#",
        "##",
        ".DS_Store",
        "._note",
        ".goutputstream-AB12CD",
        "é~",
        "two words~",
        "line\nbreak~"
      })
  void theseAreScratchHoweverTheyAreMade(String name) {
    assertThat(names.match(name(name))).isTrue();
    assertThat(names.match(name(name), OpenMode.of(WRITE))).isTrue();
    assertThat(names.match(name(name), EXCLUSIVELY)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4913", "5036", "sedAbC123", "sedabcdef"})
  void theseAreScratchIfTheyAreMadeExclusively(String name) {
    assertThat(names.match(name(name))).isFalse();
    assertThat(names.match(name(name), OpenMode.of(WRITE))).isFalse();
    assertThat(names.match(name(name), EXCLUSIVELY)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "note", "note.lock", ".lock", "index.lock", "note.tmp", "note.bak", "note.orig", "~note",
        "note~1", "#note", "note#", "note.swp", "DS_Store", ".DS_Store2", "x.DS_Store", "_.note",
        "sed", "sedation12", "sed-ABC12", "used123456", "49130", "04913", "4914", "goutputstream-AB"
      })
  void theseAreNotHoweverTheyAreMade(String name) {
    assertThat(names.match(name(name))).isFalse();
    assertThat(names.match(name(name), EXCLUSIVELY)).isFalse();
  }

  @Test
  void aNameThatIsNotUtf8MayMatch() {
    assertThat(names.match(Bytes.copyOf(new byte[] {(byte) 0xff, '~'}))).isTrue();
    assertThat(names.match(Bytes.copyOf(new byte[] {(byte) 0xff, 'x'}))).isFalse();
  }

  @Test
  void noneMatchesNothing() {
    assertThat(ScratchNames.none().match(name("note~"))).isFalse();
    assertThat(ScratchNames.none().match(name("4913"), EXCLUSIVELY)).isFalse();
    ScratchNames own = ScratchNames.none().and(List.of("*.part"));
    assertThat(own.match(name("note.part"))).isTrue();
    assertThat(own.match(name("note~"))).isFalse();
  }

  @Test
  void patternsAreThoseOfAShell() {
    ScratchNames own = names.and(List.of("*.part", "tmp-??", "x[0-9a]y", "[!a]z", "a.b+(c)$^\\d"));
    for (String name : List.of(".part", "a.part", "tmp-ab", "x5y", "xay", "bz", "a.b+(c)$^\\d")) {
      assertThat(own.match(name(name))).as(name).isTrue();
    }
    for (String name : List.of("part", "apart", "tmp-a", "tmp-abc", "xby", "az", "aXb+(c)$^\\d")) {
      assertThat(own.match(name(name))).as(name).isFalse();
    }
    assertThat(own.match(name("note~"))).isTrue();
    assertThat(own.match(name("sedABC123"), EXCLUSIVELY)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*", "**", "a/b", "/", "[a", "x[", "[]"})
  void aPatternThatCannotBeMeantIsRefused(String pattern) {
    assertThatThrownBy(() -> names.and(List.of(pattern)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + pattern + "'");
  }
}
