package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs save what they have read, and a rival has written, or removed, it meanwhile. */
class EditorsConflictTest {

  private static final String SCRATCH =
      ".*~|.*\\.sw.|4913|sed.{6}|(.*[:/])?(\\.#.*|#.*#|\\.goutputstream.*|4913|sed.{6})";

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    for (Kind kind : Kind.values()) {
      kind.set(fs, "first text");
      fs.expire(kind.key, Duration.ofHours(1));
    }
    fs.hset("page", "title", "untouched");
    fs.set("dir:other", "untouched");
    store.begin();
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  static Stream<Arguments> everyCase() {
    List<Arguments> arguments = new ArrayList<>();
    // Who truncates by name has saved nothing yet, so that its text is not known.
    for (Editor editor : EnumSet.complementOf(EnumSet.of(Editor.TRUNCATED_BY_NAME))) {
      for (Kind kind : Kind.values()) {
        for (Rival rival : Rival.values()) {
          // To expire takes a moment, and is the same for all.
          if (rival != Rival.LETS_EXPIRE || kind == Kind.STRING) {
            arguments.add(Arguments.of(editor, kind, rival));
          }
        }
      }
    }
    return arguments.stream();
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void theSaveIsRejectedAndTheRivalsStateStays(Editor editor, Kind kind, Rival rival) {
    Program program = fs.program(1);
    program.cat(kind.path);
    Optional<String> winner = rival.after(fs, kind);
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    assertThat(kind.get(fs)).isEqualTo(winner);
    requireShown(kind, winner);
    requireKept(editor, "mine");
    assertThat(fs.kept(Reason.OVERWRITTEN)).isEmpty();
    assertThat(store.historyOf(kind.cell())).doesNotContain("mine").endsWith(stateOf(winner));
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void theSecondSaveWinsAndWhatItOverwritesIsKept(Editor editor, Kind kind, Rival rival) {
    Program program = fs.program(1);
    program.cat(kind.path);
    Optional<String> loser = rival.after(fs, kind);
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    editor.save(program, kind.path, "mine again");
    assertThat(kind.get(fs)).contains("mine again");
    requireShown(kind, Optional.of("mine again"));
    assertThat(fs.kept(Reason.OVERWRITTEN)).isEqualTo(loser.stream().toList());
    editor.save(program, kind.path, "mine at last");
    assertThat(kind.get(fs)).contains("mine at last");
    assertThat(fs.kept(Reason.OVERWRITTEN)).hasSameSizeAs(loser.stream().toList());
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void whoWasToldOfOneRivalIsNotToldOfTheNext(Editor editor, Kind kind, Rival rival) {
    Program program = fs.program(1);
    program.cat(kind.path);
    rival.strike(fs, kind);
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    kind.set(fs, "next rival's");
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine 2")))
        .isEqualTo(FsError.CONFLICT);
    assertThat(kind.get(fs)).contains("next rival's");
    requireShown(kind, Optional.of("next rival's"));
    requireKept(editor, "mine", "mine 2");
    editor.save(program, kind.path, "mine 3");
    assertThat(kind.get(fs)).contains("mine 3");
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("next rival's");
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void whoReadsAgainSavesWithoutAConflict(Editor editor, Kind kind, Rival rival) {
    Program program = fs.program(1);
    program.cat(kind.path);
    Optional<String> there = rival.after(fs, kind);
    if (there.isPresent()) {
      assertThat(program.cat(kind.path)).isEqualTo(there.get());
      editor.save(program, kind.path, "mine");
      assertThat(kind.get(fs)).contains("mine");
      assertThat(fs.kept.directory()).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void whatIsLeftAfterAConflictIsNotInTheStore(Editor editor, Kind kind, Rival rival) {
    Program program = fs.program(1);
    program.cat(kind.path);
    rival.strike(fs, kind);
    List<String> before = fs.cells();
    assertThat(errorOf(() -> editor.save(program, kind.path, "mine"))).isEqualTo(FsError.CONFLICT);
    fs.processes.end(1);
    fs.now.set(Workspace.START.plusSeconds(3600));
    fs.files.close();
    assertThat(fs.cells()).isEqualTo(before);
    assertThat(store.cells()).noneMatch(cell -> cell.matches(SCRATCH));
  }

  /** Who writes in place and is told before he truncates leaves the end of what was there. */
  private void requireKept(Editor editor, String... texts) {
    for (String text : texts) {
      assertThat(fs.kept(Reason.REJECTED))
          .anyMatch(k -> editor == Editor.IN_PLACE ? k.startsWith(text) : k.equals(text));
    }
  }

  private void requireShown(Kind kind, Optional<String> content) {
    Program other = fs.program(2);
    assertThat(other.exists(kind.path)).isEqualTo(content.isPresent());
    content.ifPresent(text -> assertThat(other.cat(kind.path)).isEqualTo(text));
  }

  private static String stateOf(Optional<String> content) {
    return content.orElse("(absent)");
  }
}
