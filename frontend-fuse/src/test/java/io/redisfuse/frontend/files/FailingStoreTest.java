package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.ME;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingStoreTest {

  private static final Optional<BackendException> GONE =
      Optional.of(new BackendUnavailableException("The store is gone.", null));
  private static final Optional<BackendException> UNKNOWN =
      Optional.of(new OutcomeUnknownException("The store went away.", null));

  @TempDir Path rejected;
  private FaultyBackend store;
  private Workspace fs;

  @BeforeEach
  void start() {
    store = new FaultyBackend(new MemoryBackend());
    fs = new Workspace(store, rejected);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @Test
  void aSaveThatCouldNotBeMadeCanBeRepeated() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    store.beforeCommit = GONE;
    assertThat(errorOf(() -> fs.files.fsync(handle, ME))).isEqualTo(FsError.IO);
    assertThat(fs.read(handle)).isEqualTo("v2");
    fs.close(handle);
    assertThat(fs.get("f")).contains("v2");
  }

  @Test
  void whatCouldNotBeSavedAtTheEndIsKept() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "precious");
    store.beforeCommit = GONE;
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.IO);
    store.beforeCommit = GONE;
    fs.files.release(handle);
    assertThat(fs.kept(Reason.UNSAVED)).containsExactly("precious");
    assertThat(fs.exists("f")).isFalse();
  }

  @Test
  void aSaveOfUnknownOutcomeThatHappenedIsNoConflictWhenItIsRepeated() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    store.afterCommit = UNKNOWN;
    assertThat(errorOf(() -> fs.files.fsync(handle, ME))).isEqualTo(FsError.IO);
    fs.close(handle);
    assertThat(fs.get("f")).contains("v2");
  }

  @Test
  void writingOnAfterASaveOfUnknownOutcomeThatHappenedIsNoConflict() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    store.afterCommit = UNKNOWN;
    assertThat(errorOf(() -> fs.files.fsync(handle, ME))).isEqualTo(FsError.IO);
    fs.write(handle, 2, " and more");
    fs.close(handle);
    assertThat(fs.get("f")).contains("v2 and more");
  }

  @Test
  void anAppendOfUnknownOutcomeIsNotRepeatedButKept() {
    fs.set("f", "a");
    long handle = fs.open("f", WRITE, APPEND);
    fs.write(handle, 0, "b");
    store.afterCommit = UNKNOWN;
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.IO);
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.IO);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("ab");
    assertThat(fs.kept(Reason.UNCERTAIN)).containsExactly("b");
  }

  @Test
  void anAppendThatCouldNotBeMadeIsMadeOnceLater() {
    fs.set("f", "a");
    long handle = fs.open("f", WRITE, APPEND);
    fs.write(handle, 0, "b");
    store.beforeCommit = GONE;
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.IO);
    fs.close(handle);
    assertThat(fs.get("f")).contains("ab");
  }

  @Test
  void aRivalJustBeforeTheCommitWins() {
    fs.set("f", "v1");
    long handle = fs.open("f", READ, WRITE);
    fs.write(handle, 0, "v2");
    store.rival = () -> fs.set("f", "rival");
    assertThat(errorOf(() -> fs.files.flush(handle, ME))).isEqualTo(FsError.CONFLICT);
    fs.files.release(handle);
    assertThat(fs.get("f")).contains("rival");
  }

  @Test
  void aSourceThatVanishesDuringItsRenameIsAnError() {
    fs.set("f", "v1");
    store.rival = () -> fs.del("f");
    assertThat(errorOf(() -> fs.mv("f", "g"))).isEqualTo(FsError.NO_ENTRY);
    assertThat(fs.keys()).isEmpty();
  }

  @Test
  void aKeyThatAppearsWhereADirectoryMovesToIsNotReplaced() {
    fs.set("a:f", "mine");
    store.rival = () -> fs.set("z:f", "rival");
    assertThat(errorOf(() -> fs.mv("a", "z"))).isEqualTo(FsError.NOT_EMPTY);
    assertThat(fs.get("z:f")).contains("rival");
    assertThat(fs.get("a:f")).contains("mine");
  }

  @Test
  void filesAreFoundWhileTheIndexIsIncompleteAndDirectoriesWaitForIt() throws Exception {
    fs.close();
    store = new FaultyBackend(new MemoryBackend());
    store.scan = new CountDownLatch(1);
    store.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8("f")), Bytes.utf8("x"))));
    store.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8("a:b")), Bytes.utf8("y"))));
    fs = new Workspace(store, rejected);
    assertThat(fs.cat("f")).isEqualTo("x");
    assertThat(fs.index.isComplete()).isFalse();
    CompletableFuture<String> below = CompletableFuture.supplyAsync(() -> fs.cat("a/b"));
    store.scan.countDown();
    assertThat(below.get(20, TimeUnit.SECONDS)).isEqualTo("y");
  }

  @Test
  void aFileThatIsSavedForTheFirstTimeWhileItIsLookedUpIsFoundWithItsSize() {
    long handle = fs.create("f", WRITE);
    fs.write(handle, 0, "text");
    store.afterDescribe = () -> fs.files.flush(handle, ME);
    assertThat(fs.files.lookup(FileSystem.ROOT, Bytes.utf8("f")).size()).isEqualTo(4);
    assertThat(fs.get("f")).contains("text");
    fs.files.release(handle);
  }

  @Test
  void refusalsHaveTheErrorThatFits() {
    fs.set("f", "v1");
    assertThat(refused(RefusedException.Reason.NOT_PERMITTED)).isEqualTo(FsError.ACCESS);
    assertThat(refused(RefusedException.Reason.NO_SPACE)).isEqualTo(FsError.NO_SPACE);
    assertThat(refused(RefusedException.Reason.TOO_LARGE)).isEqualTo(FsError.TOO_LARGE);
    assertThat(refused(RefusedException.Reason.READ_ONLY)).isEqualTo(FsError.READ_ONLY);
    assertThat(refused(RefusedException.Reason.UNSUPPORTED)).isEqualTo(FsError.IO);
  }

  private FsError refused(RefusedException.Reason reason) {
    long handle = fs.open("f", WRITE);
    fs.write(handle, 0, reason.name());
    store.beforeCommit = Optional.of(new RefusedException(reason, "The store says no.", null));
    FsError error = errorOf(() -> fs.files.flush(handle, ME));
    fs.close(handle);
    return error;
  }
}
