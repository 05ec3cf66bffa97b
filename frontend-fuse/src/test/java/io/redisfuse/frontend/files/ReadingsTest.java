package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How much is remembered of what processes have read, and for how long. */
class ReadingsTest {

  private static final Cell NOTE = Cell.string(Bytes.utf8("note"));
  private static final Version V1 = Version.of(Bytes.utf8("v1"));
  private static final Version V2 = Version.of(Bytes.utf8("v2"));

  private final FakeProcesses processes = new FakeProcesses();
  private final Readings readings = new Readings(processes, 10);

  private Optional<ProcessId> process(int number) {
    return processes.of(number);
  }

  private static Cell cell(int number) {
    return Cell.string(Bytes.utf8("cell " + number));
  }

  private Optional<Version> seen(int number, Cell cell) {
    return readings.of(process(number), cell).map(Seen::version);
  }

  @Test
  void whatAProcessSawLastIsRemembered() {
    readings.saw(process(1), NOTE, V1);
    readings.saw(process(1), NOTE, V2);
    assertThat(seen(1, NOTE)).contains(V2);
    assertThat(seen(2, NOTE)).isEmpty();
    assertThat(readings.size()).isEqualTo(1);
  }

  @Test
  void whatIsSeenByNobodyKnownIsNotRemembered() {
    readings.saw(Optional.empty(), NOTE, V1);
    assertThat(readings.of(Optional.empty(), NOTE)).isEmpty();
    assertThat(readings.size()).isZero();
  }

  @Test
  void ofAProcessThatReadsVeryManyFilesTheFirstAreForgotten() {
    readings.saw(process(2), NOTE, V1);
    for (int i = 0; i < 100; i++) {
      readings.saw(process(1), cell(i), V1);
    }
    assertThat(readings.size()).isEqualTo(10);
    assertThat(seen(1, cell(99))).contains(V1);
    assertThat(seen(1, cell(91))).contains(V1);
    assertThat(seen(1, cell(90))).isEmpty();
    assertThat(seen(2, NOTE)).contains(V1);
  }

  @Test
  void whatIsSeenAgainIsNotForgottenFirst() {
    for (int i = 0; i < 10; i++) {
      readings.saw(process(1), cell(i), V1);
    }
    readings.saw(process(1), cell(0), V2);
    readings.saw(process(1), cell(10), V1);
    assertThat(seen(1, cell(0))).contains(V2);
    assertThat(seen(1, cell(1))).isEmpty();
  }

  @Test
  void ofAProcessThatEndedEverythingIsForgotten() {
    readings.saw(process(1), NOTE, V1);
    readings.saw(process(1), cell(1), V1);
    readings.saw(process(2), NOTE, V1);
    processes.end(1);
    readings.sweep();
    assertThat(readings.size()).isEqualTo(1);
    assertThat(seen(2, NOTE)).contains(V1);
    processes.reuse(2);
    readings.sweep();
    assertThat(readings.size()).isZero();
  }

  @Test
  void aProcessThatHasTheNumberOfAnotherHasSeenNothing() {
    readings.saw(process(1), NOTE, V1);
    processes.reuse(1);
    assertThat(seen(1, NOTE)).isEmpty();
  }

  @Test
  void aSaveIsSeenByThoseAncestorsWhoSawWhatItReplaced() {
    processes.child(2, 1);
    processes.child(3, 2);
    processes.child(4, 3);
    readings.saw(process(1), NOTE, V1);
    readings.saw(process(2), NOTE, V2);
    readings.saw(process(4), NOTE, V1);
    Version saved = Version.of(Bytes.utf8("saved"));
    readings.saved(process(4).orElseThrow(), NOTE, List.of(V1), saved);
    assertThat(seen(4, NOTE)).contains(saved);
    assertThat(seen(3, NOTE)).isEmpty();
    assertThat(seen(2, NOTE)).contains(V2);
    assertThat(seen(1, NOTE)).contains(saved);
  }
}
