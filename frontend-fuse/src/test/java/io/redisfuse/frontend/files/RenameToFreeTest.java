package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Renames that must replace nothing, while others make what has the name. */
class RenameToFreeTest {

  @TempDir Path kept;
  private MemoryBackend memory;
  private FaultyBackend store;
  private Workspace fs;
  private Program one;

  @BeforeEach
  void start() {
    memory = new MemoryBackend();
    store = new FaultyBackend(memory);
    fs = new Workspace(store, kept);
    one = fs.program(1);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void rivalSets(String key, String value) {
    rivalDoes(new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value)));
  }

  private void rivalSetsField(String key, String field, String value) {
    rivalDoes(new Change.Put(Cell.field(Bytes.utf8(key), Bytes.utf8(field)), Bytes.utf8(value)));
  }

  private void rivalDoes(Change change) {
    store.rival = () -> memory.commit(Transaction.of(change));
  }

  private void requireRefused(String from, String to) {
    assertThat(errorOf(() -> one.mvToFree(from, to))).isEqualTo(FsError.EXISTS);
    assertThat(fs.kept(Reason.REJECTED)).as("nothing is rejected, for nobody saves").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"a,b", "a,h.f", "h.x,b", "h.x,g.y", "a,d/b", "a,f~", "n~,b", "n~,h.f", "n~,m~"})
  void aFreeNameIsTaken(String from, String to) {
    fs.mkdir("d");
    one.save(from, "text");
    one.mvToFree(from, to);
    assertThat(one.cat(to)).isEqualTo("text");
    assertThat(one.exists(from)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"a,b", "a,h.f", "h.x,b", "a,a", "n~,b", "n~,m~", "a,m~", "n~,n~", "a,d", "n~,d"})
  void whatIsThereStays(String from, String to) {
    fs.mkdir("d");
    one.save(from, "text");
    if (!one.exists(to)) {
      one.save(to, "there");
    }
    requireRefused(from, to);
    assertThat(one.cat(from)).isEqualTo("text");
    if (!to.equals("d") && !to.equals(from)) {
      assertThat(one.cat(to)).isEqualTo("there");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "h.x", "n~", "made.up"})
  void aStringThatARivalMakesJustThenStays(String from) {
    one.save(from, "text");
    rivalSets("b", "rival");
    requireRefused(from, "b");
    assertThat(fs.get("b")).contains("rival");
    assertThat(one.cat(from)).isEqualTo("text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "h.x", "n~"})
  void aFieldThatARivalMakesJustThenStays(String from) {
    one.save(from, "text");
    rivalSetsField("g", "f", "rival");
    requireRefused(from, "g.f");
    assertThat(fs.hget("g", "f")).contains("rival");
    assertThat(one.cat(from)).isEqualTo("text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "h.x", "n~"})
  void aCollectionThatARivalMakesJustThenStays(String from) {
    one.save(from, "text");
    store.rival = () -> memory.putList(Bytes.utf8("b"), List.of(Bytes.utf8("rival")));
    requireRefused(from, "b");
    assertThat(one.cat("b")).isEqualTo("rival\n");
    assertThat(one.cat(from)).isEqualTo("text");
  }

  @Test
  void whatIsNotSavedYetStaysWithItsFile() {
    one.save("a", "text");
    long handle = one.open("a", READ, WRITE);
    one.write(handle, 0, "more");
    rivalSets("b", "rival");
    requireRefused("a", "b");
    one.close(handle);
    assertThat(fs.get("a")).contains("more");
    assertThat(fs.get("b")).contains("rival");
  }

  @Test
  void whatIsNotSavedYetIsSavedByTheRename() {
    long handle = one.create("a", WRITE);
    one.write(handle, 0, "text");
    one.mvToFree("a", "b");
    assertThat(fs.get("b")).contains("text");
    one.write(handle, 4, "+");
    one.close(handle);
    assertThat(fs.get("b")).contains("text+");
    assertThat(fs.cells()).containsExactly("b");
  }

  @ParameterizedTest
  @EnumSource(OnConflict.class)
  void itDoesNotMatterWhatTheProcessHasSeen(OnConflict onConflict) {
    fs.close();
    memory = new MemoryBackend();
    store = new FaultyBackend(memory);
    fs = new Workspace(store, kept, onConflict);
    one = fs.program(1);
    fs.set("b", "old");
    assertThat(one.cat("b")).isEqualTo("old");
    fs.del("b");
    one.save("a", "text");
    rivalSets("b", "rival");
    requireRefused("a", "b");
    assertThat(fs.get("b")).contains("rival");
    fs.del("b");
    one.mvToFree("a", "b");
    assertThat(fs.get("b")).contains("text");
  }

  @Test
  void aScratchNameIsTakenInTheStoreAtOnce() {
    // If it waited, somebody else could take the name meanwhile.
    one.save("f", "text");
    one.mvToFree("f", "f~");
    assertThat(fs.keys()).containsExactly("f~");
    one.save("g", "text");
    rivalSets("g~", "rival");
    requireRefused("g", "g~");
    assertThat(fs.get("g~")).contains("rival");
    assertThat(one.cat("g")).isEqualTo("text");
  }

  @Test
  void aNameThatTheProcessItselfHasTakenAwayIsFree() {
    one.save("f", "old");
    one.mv("f", "f~");
    one.save("new", "text");
    one.mvToFree("new", "f");
    assertThat(fs.get("f")).contains("text");
    assertThat(one.cat("f~")).isEqualTo("old");
  }

  @Test
  void aNameThatTheProcessItselfHasTakenAwayIsNotFreeIfARivalHasChangedIt() {
    one.save("f", "old");
    one.mv("f", "f~");
    one.save("new", "text");
    rivalSets("f", "rival");
    requireRefused("new", "f");
    assertThat(fs.get("f")).contains("rival");
    assertThat(one.cat("new")).isEqualTo("text");
  }

  @Test
  void theOnlyFieldOfAHashBecomesItsString() {
    fs.hset("k", "new", "text");
    one.mvToFree("k.new", "k");
    assertThat(fs.get("k")).contains("text");
  }

  @Test
  void theOnlyFieldOfAHashDoesNotReplaceWhatARivalAddsToIt() {
    fs.hset("k", "new", "text");
    rivalSetsField("k", "other", "rival");
    requireRefused("k.new", "k");
    assertThat(fs.hget("k", "new")).contains("text");
    assertThat(fs.hget("k", "other")).contains("rival");
  }

  @Test
  void aCollectionTakesNoNameThatARivalTakesJustThen() {
    memory.putList(Bytes.utf8("list"), List.of(Bytes.utf8("element")));
    rivalSets("b", "rival");
    requireRefused("list", "b");
    store.rival = () -> memory.putSet(Bytes.utf8("c"), List.of(Bytes.utf8("rival")));
    requireRefused("list", "c");
    rivalSetsField("h", "f", "rival");
    requireRefused("list", "h");
    assertThat(fs.get("b")).contains("rival");
    assertThat(one.cat("c")).isEqualTo("rival\n");
    one.mvToFree("list", "d");
    assertThat(one.cat("d")).isEqualTo("element\n");
  }

  @Test
  void aDirectoryTakesAFreeName() {
    fs.set("d:x", "1");
    fs.set("d", "own");
    one.mvToFree("d", "e");
    assertThat(fs.cells()).containsExactly("e", "e:x");
    fs.hset("h", "f", "is in the way of the directory's own value");
    requireRefused("e", "h");
    fs.del("e");
    one.mvToFree("e", "h");
    assertThat(fs.cells()).containsExactly("h.f", "h:x");
  }

  @Test
  void aDirectoryReplacesNoEmptyOneAndNoFile() {
    fs.set("d:x", "1");
    fs.mkdir("empty");
    requireRefused("d", "empty");
    fs.set("file", "2");
    requireRefused("d", "file");
    assertThat(fs.get("d:x")).contains("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"e:", "e:x", "e"})
  void aDirectoryTakesNoNameThatARivalTakesJustThen(String key) {
    fs.set("d:x", "1");
    rivalSets(key, key.equals("e:") ? "" : "rival");
    requireRefused("d", "e");
    assertThat(fs.get("d:x")).contains("1");
    assertThat(fs.get(key)).isPresent();
  }
}
