package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OwnChangesTest {

  private static final Bytes FIRST = Bytes.utf8("first");
  private static final Bytes SECOND = Bytes.utf8("second");
  private static final Bytes THIRD = Bytes.utf8("third");

  private Instant now = Instant.parse("2026-11-29T12:00:00Z");
  private final OwnChanges own = new OwnChanges(() -> now, 100);

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void includeWhatWasChangedHereAndNothingElse() {
    own.changes(FIRST);

    assertThat(own.include(FIRST)).isTrue();
    assertThat(own.include(FIRST)).as("it may be told several times").isTrue();
    assertThat(own.include(SECOND)).isFalse();
  }

  @Test
  void includeWhatIsToldLateWhileMuchIsChanged() {
    own.changes(FIRST);
    for (int i = 0; i < 50; i++) {
      pass(Duration.ofMillis(150));
      own.changes(Bytes.utf8("other" + i));
    }

    assertThat(own.include(FIRST)).isTrue();
  }

  @Test
  void forgetWhatWasToldWhenALaterStretchIs() {
    own.changes(FIRST);
    assertThat(own.include(FIRST)).isTrue();
    pass(Duration.ofSeconds(2));
    own.changes(SECOND);
    assertThat(own.include(FIRST)).as("before the later one is told").isTrue();
    pass(Duration.ofSeconds(2));
    own.changes(SECOND);
    assertThat(own.include(FIRST)).as("before the later one is told").isTrue();

    assertThat(own.include(SECOND)).isTrue();
    pass(Duration.ofSeconds(2));
    own.changes(THIRD);

    assertThat(own.include(FIRST)).isFalse();
    assertThat(own.include(SECOND)).isTrue();
  }

  @Test
  void forgetWhatIsNeverTold() {
    own.changes(FIRST);
    pass(Duration.ofSeconds(30));

    assertThat(own.include(FIRST)).isFalse();
    own.changes(SECOND);
    assertThat(own.include(FIRST)).isFalse();
    assertThat(own.include(SECOND)).isTrue();
  }

  @Test
  void areBounded() {
    own.changes(FIRST);
    for (int i = 0; i < 200; i++) {
      own.changes(Bytes.utf8("other" + i));
    }

    assertThat(own.include(FIRST)).isFalse();
    assertThat(own.include(Bytes.utf8("other199"))).isTrue();
    assertThat(own.include(Bytes.utf8("other100"))).isTrue();
  }
}
