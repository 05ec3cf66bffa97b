package io.redisfuse.frontend.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

@Timeout(value = WithinTime.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class KeyspaceTest {

  private static final Keyspace WHOLE = keyspace("", ":");

  @Test
  void aKeyIsSplitAtTheDelimiter() {
    assertThat(WHOLE.segments(utf8(".git:info:exclude")))
        .containsExactly(utf8(".git"), utf8("info"), utf8("exclude"));
    assertThat(WHOLE.segments(utf8("::a:")))
        .containsExactly(utf8(""), utf8(""), utf8("a"), utf8(""));
    assertThat(WHOLE.segments(Bytes.EMPTY)).containsExactly(Bytes.EMPTY);
  }

  @Test
  void aKeyLiesInTheDirectoryOfItsStem() {
    assertThat(WHOLE.parentStem(utf8("a:b:c"))).isEqualTo(utf8("a:b:"));
    assertThat(WHOLE.lastSegment(utf8("a:b:c"))).isEqualTo(utf8("c"));
    assertThat(WHOLE.parentStem(utf8("a"))).isEqualTo(WHOLE.root());
    assertThat(WHOLE.parentStem(utf8("a:"))).isEqualTo(utf8("a:"));
    assertThat(WHOLE.lastSegment(utf8("a:"))).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void longDelimitersAreFoundFromTheLeft() {
    Keyspace keyspace = keyspace("", "::");
    assertThat(keyspace.segments(utf8("a:::b"))).containsExactly(utf8("a"), utf8(":b"));
    assertThat(keyspace.segments(utf8("a:b"))).containsExactly(utf8("a:b"));
    assertThat(keyspace.canBeDirectory(utf8("a:"))).isFalse();
    assertThat(keyspace.canEndKey(utf8("a:"))).isTrue();
    assertThat(keyspace.mayBeMarker(utf8("a:::"))).isFalse();
    assertThat(keyspace.mayBeMarker(utf8("a::"))).isTrue();
  }

  @Test
  void aSegmentHoldsNoDelimiter() {
    assertThat(WHOLE.canEndKey(utf8("a:b"))).isFalse();
    assertThat(WHOLE.canBeDirectory(utf8("a:b"))).isFalse();
    assertThat(WHOLE.canBeDirectory(Bytes.EMPTY)).isTrue();
  }

  @Test
  void aPrefixIsCutOffFirst() {
    Keyspace keyspace = keyspace("templates:", ":");
    assertThat(keyspace.root()).isEqualTo(utf8("templates:"));
    assertThat(keyspace.segments(utf8("templates:mail:hello")))
        .containsExactly(utf8("mail"), utf8("hello"));
    assertThat(keyspace.parentStem(utf8("templates:a"))).isEqualTo(keyspace.root());
    assertThat(keyspace.contains(utf8("templates"))).isFalse();
    assertThat(keyspace("te", ":").segments(utf8("templates:a")))
        .containsExactly(utf8("mplates"), utf8("a"));
  }

  @Test
  void aKeyOutsideThePrefixIsRefusedByName() {
    assertThatThrownBy(() -> keyspace("a:", ":").segments(utf8("b:c")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("b:c")
        .hasMessageContaining("a:");
  }

  @Test
  void aDirectoryHasAKeyOfItsOwnButTheRootHasNone() {
    assertThat(WHOLE.ownKey(utf8("a:b:"))).contains(utf8("a:b"));
    assertThat(WHOLE.ownKey(utf8(":"))).contains(Bytes.EMPTY);
    assertThat(WHOLE.ownKey(WHOLE.root())).isEmpty();
    assertThat(keyspace("a:", ":").ownKey(utf8("a:"))).isEmpty();
    assertThatThrownBy(() -> WHOLE.ownKey(utf8("a:b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a:b");
  }

  @Test
  void aDirectoryLiesInItsParentButTheRootInNone() {
    assertThat(WHOLE.parentOfStem(utf8("a:b:"))).contains(utf8("a:"));
    assertThat(WHOLE.parentOfStem(utf8("a:"))).contains(Bytes.EMPTY);
    assertThat(WHOLE.parentOfStem(utf8("::"))).contains(utf8(":"));
    assertThat(WHOLE.parentOfStem(Bytes.EMPTY)).isEmpty();
  }

  @Test
  void reservedKeysAreNotShownWhateverTheDelimiter() {
    for (String delimiter : List.of(":", "/", ".", "::")) {
      assertThat(keyspace("", delimiter).contains(utf8(".redisfuse:lock"))).isFalse();
      assertThat(keyspace(".redis", delimiter).contains(utf8(".redisfuse:lock"))).isFalse();
      assertThat(keyspace(".redisfuse:", delimiter).contains(utf8(".redisfuse:"))).isFalse();
      assertThat(keyspace("", delimiter).contains(utf8(".redisfuse"))).isTrue();
      assertThat(keyspace("", delimiter).contains(utf8("a:.redisfuse:b"))).isTrue();
    }
    assertThat(WHOLE.mayBeMarker(utf8(".redisfuse:"))).isFalse();
  }

  @Test
  void anEmptyStringMarksADirectoryWhereItsKeyEndsInTheDelimiter() {
    assertThat(WHOLE.mayBeMarker(utf8("a:"))).isTrue();
    assertThat(WHOLE.mayBeMarker(utf8("a:b:"))).isTrue();
    assertThat(WHOLE.mayBeMarker(utf8("a::"))).isTrue();
    assertThat(WHOLE.mayBeMarker(utf8(":"))).isTrue();
    assertThat(WHOLE.mayBeMarker(utf8("a:b"))).isFalse();
    assertThat(WHOLE.mayBeMarker(Bytes.EMPTY)).isFalse();
  }

  @Test
  void aPrefixMarksTheRootOnlyIfItEndsInTheDelimiter() {
    assertThat(keyspace("a:", ":").mayBeMarker(utf8("a:"))).isTrue();
    assertThat(keyspace("a", ":").mayBeMarker(utf8("a"))).isFalse();
    assertThat(keyspace("a:", ":").mayBeMarker(utf8("b:"))).isFalse();
    assertThat(keyspace("a:::", "::").mayBeMarker(utf8("a:::"))).isFalse();
  }

  @Test
  void anEmptyDelimiterIsRefused() {
    assertThatThrownBy(() -> keyspace("", "")).isInstanceOf(IllegalArgumentException.class);
  }

  private static Keyspace keyspace(String prefix, String delimiter) {
    return new Keyspace(utf8(prefix), utf8(delimiter));
  }

  private static Bytes utf8(String text) {
    return Bytes.utf8(text);
  }
}
