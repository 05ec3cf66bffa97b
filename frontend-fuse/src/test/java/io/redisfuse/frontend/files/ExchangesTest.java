package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two names that are exchanged, while files are open, unsaved, or changed by others. */
class ExchangesTest {

  private static final Duration A_LITTLE = Duration.ofMinutes(5);

  @TempDir Path kept;
  private MemoryBackend memory;
  private FaultyBackend store;
  private Workspace fs;
  private Program one;
  private Program two;

  @BeforeEach
  void start() {
    memory = new MemoryBackend();
    store = new FaultyBackend(memory);
    fs = new Workspace(store, kept);
    one = fs.program(1);
    two = fs.program(2);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void rivalSets(String key, String value) {
    Change put = new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value));
    store.rival = () -> memory.commit(Transaction.of(put));
  }

  @ParameterizedTest
  @CsvSource({"a,b", "a,h.f", "h.x,b", "h.x,h.y", "h.x,g.y", "a,d/b", "a~,b~", "a~,d/b~"})
  void twoFilesAreExchanged(String first, String second) {
    one.mkdir("d");
    one.save(first, "first");
    one.save(second, "second");
    List<String> cells = fs.cells();
    long node = one.node(first);
    one.exchange(first, second);
    assertThat(one.cat(first)).isEqualTo("second");
    assertThat(one.cat(second)).isEqualTo("first");
    assertThat(one.node(second)).as("the file is the same").isEqualTo(node);
    assertThat(fs.cells()).isEqualTo(cells);
    one.exchange(second, first);
    assertThat(one.cat(first)).isEqualTo("first");
    assertThat(one.cat(second)).isEqualTo("second");
  }

  @Test
  void aFileIsExchangedWithItself() {
    one.save("a", "text");
    one.exchange("a", "a");
    assertThat(one.cat("a")).isEqualTo("text");
  }

  @Test
  void whatIsNotThereIsNotExchanged() {
    one.save("a", "text");
    assertThat(errorOf(() -> one.exchange("a", "b"))).isEqualTo(FsError.NO_ENTRY);
    assertThat(errorOf(() -> one.exchange("b", "a"))).isEqualTo(FsError.NO_ENTRY);
    assertThat(one.cat("a")).isEqualTo("text");
  }

  @ParameterizedTest
  @CsvSource({"a,d", "d,a", "d,e", "list,a", "a,list", "list,list2", "a,s~", "s~,a", "d,s~"})
  void whatCannotBeExchangedInOneStepIsInvalid(String first, String second) {
    fs.set("a", "text");
    fs.set("d:x", "x");
    fs.set("e:x", "x");
    memory.putList(Bytes.utf8("list"), List.of(Bytes.utf8("element")));
    memory.putList(Bytes.utf8("list2"), List.of(Bytes.utf8("element")));
    one.save("s~", "scratch");
    assertThat(errorOf(() -> one.exchange(first, second))).isEqualTo(FsError.INVALID);
    assertThat(one.cat("a")).isEqualTo("text");
    assertThat(one.cat("s~")).isEqualTo("scratch");
  }

  @Test
  void aTtlGoesAlongFromStringToString() {
    fs.set("a", "first");
    fs.set("b", "second");
    fs.expire("a", Duration.ofHours(1));
    one.exchange("a", "b");
    assertThat(fs.ttl("a")).isEmpty();
    assertThat(fs.ttl("b").orElseThrow()).isCloseTo(Duration.ofHours(1), A_LITTLE);
    fs.expire("a", Duration.ofHours(2));
    one.exchange("a", "b");
    assertThat(fs.ttl("a").orElseThrow()).isCloseTo(Duration.ofHours(1), A_LITTLE);
    assertThat(fs.ttl("b").orElseThrow()).isCloseTo(Duration.ofHours(2), A_LITTLE);
  }

  @Test
  void aTtlStaysWithAHash() {
    fs.set("a", "first");
    fs.hset("h", "f", "second");
    fs.expire("a", Duration.ofHours(1));
    fs.expire("h", Duration.ofHours(2));
    one.exchange("a", "h.f");
    assertThat(fs.get("a")).contains("second");
    assertThat(fs.ttl("a").orElseThrow()).isCloseTo(Duration.ofHours(1), A_LITTLE);
    assertThat(fs.ttl("h").orElseThrow()).isCloseTo(Duration.ofHours(2), A_LITTLE);
  }

  @ParameterizedTest
  @CsvSource({"a,b", "h.x,b", "a~,b~"})
  void handlesStayWithTheirFiles(String first, String second) {
    one.save(first, "first");
    one.save(second, "second");
    long reader = one.open(first, READ);
    long writer = one.open(second, READ, WRITE);
    two.exchange(first, second);
    assertThat(one.read(reader)).isEqualTo("first");
    assertThat(one.read(writer)).isEqualTo("second");
    one.write(writer, 6, "+");
    one.close(writer);
    one.close(reader);
    assertThat(one.cat(first)).isEqualTo("second+");
    assertThat(one.cat(second)).isEqualTo("first");
  }

  @Test
  void whatAnotherHasNotSavedGoesAlong() {
    fs.set("a", "first");
    fs.set("b", "second");
    long writer = one.open("a", READ, WRITE);
    one.write(writer, 0, "FIRST+");
    two.exchange("a", "b");
    assertThat(fs.get("b")).contains("first");
    one.close(writer);
    assertThat(fs.get("b")).contains("FIRST+");
    assertThat(fs.get("a")).contains("second");
    assertThat(fs.kept(Reason.REJECTED)).isEmpty();
  }

  @Test
  void whatTheProcessItselfHasNotSavedIsExchanged() {
    fs.set("a", "old");
    long writer = one.create("new", WRITE);
    one.write(writer, 0, "text");
    one.exchange("new", "a");
    assertThat(fs.get("a")).contains("text");
    assertThat(fs.get("new")).contains("old");
    one.write(writer, 4, "+");
    one.close(writer);
    assertThat(fs.get("a")).contains("text+");
    assertThat(fs.get("new")).contains("old");
  }

  @Test
  void aFileThatAnotherHasCreatedAndNotSavedComesIntoBeing() {
    fs.set("a", "old");
    long writer = one.create("new", WRITE);
    one.write(writer, 0, "half");
    two.exchange("new", "a");
    assertThat(fs.get("a")).contains("half");
    one.write(writer, 4, "+half");
    one.close(writer);
    assertThat(fs.get("a")).contains("half+half");
    assertThat(fs.get("new")).contains("old");
  }

  @ParameterizedTest
  @CsvSource({"a", "b"})
  void whatARivalChangesJustThenIsExchangedIfNobodyHasSeenWhatWasThere(String changed) {
    fs.set("a", "first");
    fs.set("b", "second");
    rivalSets(changed, "rival");
    one.exchange("a", "b");
    assertThat(fs.get("a")).contains(changed.equals("b") ? "rival" : "second");
    assertThat(fs.get("b")).contains(changed.equals("a") ? "rival" : "first");
  }

  @ParameterizedTest
  @CsvSource({"before", "just then"})
  void whatIsNotWhatTheProcessHasSeenIsAConflictOnce(String when) {
    fs.set("a", "first");
    assertThat(one.cat("a")).isEqualTo("first");
    one.save("new", "made from first");
    if (when.equals("before")) {
      fs.set("a", "rival");
    } else {
      rivalSets("a", "rival");
    }
    assertThat(errorOf(() -> one.exchange("new", "a"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("a")).contains("rival");
    assertThat(fs.get("new")).contains("made from first");
    fs.now.set(fs.now.get().plusSeconds(10));
    one.exchange("new", "a");
    assertThat(fs.get("a")).contains("made from first");
    assertThat(fs.get("new")).contains("rival");
  }

  @Test
  void afterwardsTheProcessHasSeenBoth() {
    fs.set("a", "first");
    one.cat("a");
    one.save("new", "text");
    one.exchange("new", "a");
    one.save("a", "next");
    assertThat(fs.get("a")).contains("next");
    fs.set("a", "rival");
    assertThat(errorOf(() -> one.save("a", "more"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("a")).contains("rival");
  }

  @Test
  void whatAnotherHasReadIsNotThereAnyMoreForHim() {
    fs.set("a", "first");
    fs.set("b", "second");
    two.cat("a");
    one.exchange("a", "b");
    assertThat(errorOf(() -> two.save("a", "made from first"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("a")).contains("second");
  }

  @Test
  void whoHasLookedAFileUpBeforeMayTakeItForWhatItWas() {
    fs.set("a", "first");
    fs.set("b", "second");
    long node = two.node("a");
    one.exchange("a", "b");
    long handle = fs.files.open(node, OpenMode.of(READ), two.caller());
    assertThat(two.read(handle)).isEqualTo("first");
    two.close(handle);
    assertThat(errorOf(() -> two.save("a", "made from first"))).isEqualTo(FsError.CONFLICT);
    assertThat(fs.get("a")).contains("second");
    one.rm("b");
    one.save("b", "another");
    assertThat(errorOf(() -> fs.files.open(node, OpenMode.of(READ), two.caller())))
        .as("it is looked up again")
        .isEqualTo(FsError.STALE);
  }

  @Test
  void nothingIsExchangedIfTheStoreIsOutOfReach() {
    fs.set("a", "first");
    fs.set("b", "second");
    long node = one.node("a");
    store.beforeCommit = Optional.of(new BackendUnavailableException("away", null));
    assertThat(errorOf(() -> one.exchange("a", "b"))).isEqualTo(FsError.IO);
    assertThat(one.cat("a")).isEqualTo("first");
    assertThat(one.node("a")).isEqualTo(node);
  }

  @Test
  void aBackupIsExchangedAndStillSettled() {
    one.save("f", "text");
    one.mv("f", "f~");
    one.save("g~", "scratch");
    one.exchange("f~", "g~");
    assertThat(one.cat("g~")).isEqualTo("text");
    fs.now.set(fs.now.get().plusSeconds(120));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(fs.keys()).containsExactly("g~"));
    assertThat(one.cat("f~")).isEqualTo("scratch");
  }
}
