package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of rejected and of overwritten texts, and what is shown of them in the mount. */
class ConflictFilesTest {

  @TempDir Path kept;
  private WitnessedBackend store;
  private Workspace fs;
  private Program program;

  @BeforeEach
  void start() {
    store = new WitnessedBackend(new MemoryBackend());
    fs = new Workspace(store, kept);
    for (Kind kind : Kind.values()) {
      kind.set(fs, "v1");
    }
    fs.set("dir:other", "untouched");
    store.begin();
    program = fs.program(1);
    fs.processes.program(1, "nano");
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void beRejected(Kind kind, String text) {
    program.cat(kind.path);
    kind.set(fs, "rival's");
    assertThat(errorOf(() -> program.save(kind.path, text))).isEqualTo(FsError.CONFLICT);
  }

  private String conflictFile(Kind kind) {
    String start = Workspace.name(kind.path).toUtf8() + ".conflict-";
    List<String> names =
        fs.list(kind.sibling("")).stream().filter(name -> name.startsWith(start)).toList();
    assertThat(names).hasSize(1);
    return kind.sibling(names.get(0));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRejectedTextIsShownBesideTheFile(Kind kind) {
    List<String> before = fs.cells();
    beRejected(kind, "mine");
    String shown = conflictFile(kind);
    assertThat(shown).contains("2026");
    assertThat(fs.program(2).cat(shown)).isEqualTo("mine");
    assertThat(fs.stat(shown).size()).isEqualTo(4);
    assertThat(fs.program(2).cat(kind.path)).isEqualTo("rival's");
    assertThat(fs.cells()).isEqualTo(before);
    assertThat(store.cells()).noneMatch(cell -> cell.contains("conflict"));
  }

  @Test
  void aConflictFileThatIsRemovedIsKeptNoMore() {
    beRejected(Kind.STRING, "mine");
    String shown = conflictFile(Kind.STRING);
    fs.program(2).rm(shown);
    assertThat(fs.list("")).containsExactly("dir", "note", "page.text");
    assertThat(fs.kept(Reason.REJECTED)).isEmpty();
    assertThat(fs.get("note")).contains("rival's");
  }

  @Test
  void aConflictFileMayBeRenamedOverTheFile() {
    beRejected(Kind.STRING, "mine");
    fs.program(2).mv(conflictFile(Kind.STRING), "note");
    assertThat(fs.get("note")).contains("mine");
    assertThat(fs.keys()).containsExactly("dir:note", "dir:other", "note", "page");
  }

  @Test
  void severalConflictsOfOneMomentAreAllShown() {
    for (int i = 0; i < 3; i++) {
      beRejected(Kind.STRING, "mine " + i);
      fs.set("note", "next rival's " + i);
    }
    List<String> shown =
        fs.list("").stream().filter(name -> name.startsWith("note.conflict-")).toList();
    assertThat(shown).hasSize(3);
    assertThat(shown.stream().map(program::cat))
        .containsExactlyInAnyOrder("mine 0", "mine 1", "mine 2");
  }

  @Test
  void whatIsKnownOfARejectedTextIsKept() throws IOException {
    beRejected(Kind.STRING, "mine");
    KeptText text = fs.kept.list().get(0);
    assertThat(text.cell()).isEqualTo(Cell.string(Bytes.utf8("note")));
    assertThat(text.reason()).isEqualTo(Reason.REJECTED);
    assertThat(text.expected()).contains(Version.of(Bytes.utf8("v1")));
    assertThat(text.found()).contains(Version.of(Bytes.utf8("rival's")));
    assertThat(text.process()).contains("nano").contains("1");
    assertThat(text.source()).isEqualTo("memory");
    assertThat(text.time()).isEqualTo(Workspace.START);
    assertThat(text.why()).isNotBlank();
  }

  @Test
  void whatIsKnownOfATextThatARenameDidNotSaveIsThatOfItsTarget() throws IOException {
    program.cat("note");
    fs.del("note");
    program.save("tmp~", "mine");
    assertThat(errorOf(() -> program.mv("tmp~", "note"))).isEqualTo(FsError.CONFLICT);
    KeptText text = fs.kept.list().get(0);
    assertThat(text.cell()).isEqualTo(Cell.string(Bytes.utf8("note")));
    assertThat(text.expected()).contains(Version.of(Bytes.utf8("v1")));
    assertThat(text.found()).contains(Version.ABSENT);
    assertThat(text.process()).contains("nano");
  }

  @Test
  void whatIsKnownOfAnOverwrittenTextIsKept() throws IOException {
    beRejected(Kind.FIELD, "mine");
    program.save("page.text", "mine again");
    KeptText text = fs.kept.list().get(1);
    assertThat(text.cell()).isEqualTo(Cell.field(Bytes.utf8("page"), Bytes.utf8("text")));
    assertThat(text.reason()).isEqualTo(Reason.OVERWRITTEN);
    assertThat(text.expected()).isEmpty();
    assertThat(text.process()).contains("nano");
    assertThat(text.file()).hasContent("rival's");
  }

  @Test
  void anEmptyTextIsKeptToo() {
    program.cat("note");
    fs.set("note", "rival's");
    long handle = program.create("note", WRITE, OpenMode.Flag.TRUNCATE);
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("note")).contains("rival's");
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("");
  }

  @Test
  void everyConflictHasWordsOfItsOwn() throws IOException {
    beRejected(Kind.STRING, "changed");
    program.cat("note");
    fs.del("note");
    assertThat(errorOf(() -> program.save("note", "deleted"))).isEqualTo(FsError.CONFLICT);
    long handle = program.create("fresh", WRITE);
    fs.set("fresh", "rival's");
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    List<String> words = fs.kept.list().stream().map(KeptText::why).toList();
    assertThat(words).hasSize(3).doesNotHaveDuplicates();
    assertThat(words.get(0)).contains("changed");
    assertThat(words.get(1)).containsAnyOf("deleted", "removed", "gone");
    assertThat(words.get(2)).contains("created");
  }

  /** vim writes so, and stops at the first call that fails. */
  @Test
  void aTextThatIsWrittenInBlocksIsKeptWhole() {
    String text = "0123456789abcdef".repeat(1024) + "the end\n";
    program.cat("note");
    fs.set("note", "rival's");
    long handle = program.create("note", WRITE, OpenMode.Flag.TRUNCATE);
    FsError error =
        errorOf(
            () -> {
              for (int at = 0; at < text.length(); at += 8192) {
                program.write(handle, at, text.substring(at, Math.min(at + 8192, text.length())));
              }
              program.fsync(handle);
            });
    assertThat(error).isEqualTo(FsError.CONFLICT);
    assertThat(errorOf(() -> program.close(handle))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.kept(Reason.REJECTED)).containsExactly(text);
  }

  @Test
  void aLargeTextIsKeptWhole() {
    String large = "0123456789".repeat(100_000);
    fs.set("large", large);
    program.cat("large");
    fs.set("large", "rival's " + large);
    assertThat(errorOf(() -> program.save("large", "mine " + large))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.kept(Reason.REJECTED)).containsExactly("mine " + large);
    program.saveInPlace("large", "mine again " + large);
    assertThat(fs.kept(Reason.OVERWRITTEN)).containsExactly("rival's " + large);
  }
}
