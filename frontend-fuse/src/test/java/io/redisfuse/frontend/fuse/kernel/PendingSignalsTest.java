package io.redisfuse.frontend.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PendingSignalsTest {

  private static boolean askToStop(String pending, String shared, String blocked) {
    return PendingSignals.askToStop(
        List.of("Name:\tcat", "SigPnd:\t" + pending, "ShdPnd:\t" + shared, "SigBlk:\t" + blocked));
  }

  @Test
  void someSignalsAskAThreadToStop() {
    assertThat(askToStop("0000000000000002", "0000000000000000", "0000000000000000"))
        .as("INT, of the thread")
        .isTrue();
    assertThat(askToStop("0000000000000000", "0000000000004000", "0000000000000000"))
        .as("TERM, of the process")
        .isTrue();
    assertThat(askToStop("0000000000000100", "0000000000000000", "fffffffe7ffbfeff"))
        .as("KILL")
        .isTrue();
  }

  @Test
  void othersDoNot() {
    assertThat(askToStop("0000000000000000", "0000000000000000", "0000000000000000")).isFalse();
    assertThat(askToStop("0000000008000000", "0000000000010000", "0000000000000000"))
        .as("WINCH and CHLD")
        .isFalse();
    assertThat(askToStop("0000000000000002", "0000000000000000", "0000000000000002"))
        .as("one that is blocked")
        .isFalse();
    assertThat(PendingSignals.askToStop(List.of())).isFalse();
    assertThat(PendingSignals.askToStop(0)).as("a thread of another namespace").isFalse();
    assertThat(PendingSignals.askToStop(Integer.MAX_VALUE)).as("nobody").isFalse();
  }
}
