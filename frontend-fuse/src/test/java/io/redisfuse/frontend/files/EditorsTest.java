package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs save what they have read, and nobody else writes. */
class EditorsTest {

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

  static Stream<Arguments> editorsAndKinds() {
    List<Arguments> arguments = new ArrayList<>();
    for (Editor editor : Editor.values()) {
      for (Kind kind : Kind.values()) {
        arguments.add(Arguments.of(editor, kind));
      }
    }
    return arguments.stream();
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void everySaveSucceeds(Editor editor, Kind kind) {
    Program program = fs.program(1);
    assertThat(program.cat(kind.path)).isEqualTo("first text");
    editor.save(program, kind.path, "second");
    assertThat(kind.get(fs)).contains("second");
    assertThat(program.cat(kind.path)).isEqualTo("second");
    editor.save(program, kind.path, "third text of all");
    editor.save(program, kind.path, "4th");
    assertThat(kind.get(fs)).contains("4th");
    assertThat(fs.program(2).cat(kind.path)).isEqualTo("4th");
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void readersOfTheStoreSeeTheOldTextOrTheNewOne(Editor editor, Kind kind) {
    Program program = fs.program(1);
    program.cat(kind.path);
    editor.save(program, kind.path, "second");
    editor.save(program, kind.path, "third");
    if (editor.savesAtOnce()) {
      assertThat(store.historyOf(kind.cell())).containsExactly("first text", "second", "third");
    } else {
      assertThat(store.historyOf(kind.cell())).doesNotContain("(absent)").contains("third");
    }
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void theTypeAndTheTtlStay(Editor editor, Kind kind) {
    Program program = fs.program(1);
    program.cat(kind.path);
    editor.save(program, kind.path, "second");
    editor.save(program, kind.path, "third");
    assertThat(kind.get(fs)).contains("third");
    assertThat(fs.ttl(kind.key).orElseThrow()).isGreaterThan(Duration.ofMinutes(55));
    assertThat(fs.hget("page", "title")).contains("untouched");
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void nothingOfTheEditorsOwnIsEverInTheStore(Editor editor, Kind kind) {
    List<String> before = fs.cells();
    Program program = fs.program(1);
    program.cat(kind.path);
    editor.save(program, kind.path, "second");
    editor.save(program, kind.path, "third");
    fs.processes.end(1);
    fs.now.set(Workspace.START.plusSeconds(3600));
    fs.files.close();
    assertThat(fs.cells()).isEqualTo(before);
    assertThat(store.cells()).noneMatch(cell -> cell.matches(SCRATCH));
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void whoNeverReadMayMakeWhatOthersHaveReadAndARivalDeleted(Editor editor, Kind kind) {
    fs.program(2).cat(kind.path);
    kind.delete(fs);
    editor.save(fs.program(1), kind.path, "made again");
    assertThat(kind.get(fs)).contains("made again");
    assertThat(fs.cells()).hasSize(5);
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void whoNeverReadMayReplaceWhatOthersHaveReadAndARivalReplaced(Editor editor, Kind kind) {
    fs.program(2).cat(kind.path);
    kind.set(fs, "rival's");
    editor.save(fs.program(1), kind.path, "replaced");
    assertThat(kind.get(fs)).contains("replaced");
    assertThat(fs.cells()).hasSize(5);
    assertThat(fs.kept.directory()).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("editorsAndKinds")
  void aNewFileIsSavedAgainAndAgain(Editor editor, Kind kind) {
    String path = kind.sibling("fresh");
    Program program = fs.program(1);
    editor.save(program, path, "first");
    editor.save(program, path, "second");
    assertThat(program.cat(path)).isEqualTo("second");
    fs.del(kind == Kind.BELOW ? "dir:fresh" : "fresh");
    assertThat(fs.cells())
        .containsExactly("dir:note", "dir:other", "note", "page.text", "page.title");
    assertThat(fs.kept(Reason.REJECTED)).isEmpty();
    assertThat(fs.kept(Reason.OVERWRITTEN)).isEmpty();
  }
}
