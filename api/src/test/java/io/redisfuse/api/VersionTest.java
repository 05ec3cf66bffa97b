package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VersionTest {

  /** SHA-1 of "abc", from FIPS 180-1, appendix A. */
  private static final String ABC = "a9993e364706816aba3e25717850c26c9cd0d89d";

  @Test
  void aVersionIsTheSha1OfTheContent() {
    assertThat(Version.of(Bytes.utf8("abc"))).hasToString(ABC).isEqualTo(Version.ofSha1(ABC));
    assertThat(Version.ofSha1(ABC.toUpperCase(Locale.ROOT)))
        .isEqualTo(Version.ofSha1(ABC))
        .hasSameHashCodeAs(Version.of(Bytes.utf8("abc")));
  }

  @Test
  void differentContentHasDifferentVersions() {
    assertThat(Version.of(Bytes.utf8("abc"))).isNotEqualTo(Version.of(Bytes.utf8("abd")));
  }

  @Test
  void nothingIsNotTheSameAsEmpty() {
    assertThat(Version.ABSENT).isNotEqualTo(Version.of(Bytes.EMPTY)).hasToString("absent");
    assertThat(Version.ABSENT.isAbsent()).isTrue();
    assertThat(Version.of(Bytes.EMPTY).isAbsent()).isFalse();
  }

  @Test
  void aDigesterTakesContentInPartsAndStartsAfresh() {
    Version.Digester digester = Version.digester();
    for (int round = 0; round < 2; round++) {
      ByteBuffer part = ByteBuffer.wrap(new byte[] {'a', 'b'});
      digester.update(part);
      digester.update(Bytes.EMPTY.asByteBuffer());
      digester.update(Bytes.utf8("c").asByteBuffer());

      assertThat(part.hasRemaining()).isFalse();
      assertThat(digester.version()).isEqualTo(Version.of(Bytes.utf8("abc")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a9", "zz993e364706816aba3e25717850c26c9cd0d89d", "a9993e"})
  void whatIsNoSha1IsRefused(String hex) {
    assertThatThrownBy(() -> Version.ofSha1(hex)).isInstanceOf(IllegalArgumentException.class);
  }
}
