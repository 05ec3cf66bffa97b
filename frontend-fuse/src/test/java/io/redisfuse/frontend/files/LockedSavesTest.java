package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.APPEND;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import io.redisfuse.frontend.files.locks.Lock;
import io.redisfuse.frontend.files.locks.LockKind;
import io.redisfuse.frontend.files.locks.LockRange;
import io.redisfuse.frontend.files.locks.LockType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What locks that hold among mounts mean for what is read and saved. */
class LockedSavesTest {

  private static final int MINE = 4001;
  private static final int OTHERS = 4002;

  @TempDir private Path kept;

  private final MemoryBackend backend = new MemoryBackend();
  private Workspace here;
  private Workspace there;
  private Program mine;
  private Program others;

  @BeforeEach
  void mountTwice() {
    here = Workspace.sharing(backend, kept);
    there = Workspace.sharing(backend, kept);
    mine = here.program(MINE);
    others = there.program(OTHERS);
    here.set("note", "first");
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    backend.close();
  }

  private static Lock lock(int process, long handle) {
    return new Lock(LockKind.WHOLE, LockType.EXCLUSIVE, LockRange.ALL, handle, process, handle);
  }

  private static void take(Workspace mount, Program program, int process, long handle) {
    assertThat(mount.files.locks().take(program.node("note"), lock(process, handle))).isTrue();
  }

  private static void giveBack(Workspace mount, Program program, long handle) {
    mount.files.locks().giveBack(program.node("note"), LockKind.WHOLE, handle, LockRange.ALL);
  }

  private String note() {
    return backend
        .read(Cell.string(Bytes.utf8("note")))
        .map(Snapshot::content)
        .map(Bytes::toUtf8)
        .orElse("");
  }

  /** As if the mounts had been away for too long. */
  private void loseLeases() {
    List<Bytes> leases = new ArrayList<>();
    backend.scan(
        Bytes.utf8(".redisfuse:lock:"),
        (key, type) -> {
          if (key.toUtf8().contains(":lease:")) {
            leases.add(key);
          }
          return true;
        });
    assertThat(leases).isNotEmpty();
    leases.forEach(key -> backend.commit(Transaction.of(new Change.DeleteKey(key))));
  }

  private static void requireRefused(ThrowingCallable save) {
    assertThatThrownBy(save)
        .isInstanceOfSatisfying(
            FsException.class, e -> assertThat(e.error()).isEqualTo(FsError.CONFLICT))
        .hasMessageContaining("The lock of the key note was lost");
  }

  @Test
  void aSaveUnderALockThatWasLostIsRefusedAndKept() {
    long handle = mine.open("note", READ, WRITE);
    take(here, mine, MINE, handle);
    mine.write(handle, 0, "late!");
    loseLeases();
    requireRefused(() -> mine.close(handle));
    assertThat(note()).isEqualTo("first");
    assertThat(here.kept(Reason.REJECTED)).containsExactly("late!");
    mine.save("note", "told");
    assertThat(note()).as("of who was told").isEqualTo("told");
  }

  @Test
  void soIsAnAppend() {
    long handle = mine.open("note", WRITE, APPEND);
    take(here, mine, MINE, handle);
    mine.write(handle, 5, " late");
    loseLeases();
    requireRefused(() -> mine.fsync(handle));
    assertThat(note()).isEqualTo("first");
    assertThat(here.kept(Reason.REJECTED)).containsExactly(" late");
  }

  @Test
  void soIsARenameOverWhatItsProcessHasLocked() {
    long handle = mine.open("note", READ);
    take(here, mine, MINE, handle);
    loseLeases();
    requireRefused(() -> mine.saveByRename("note", "note.new", "late"));
    assertThat(note()).isEqualTo("first");
    assertThat(here.kept(Reason.REJECTED)).containsExactly("late");
  }

  @Test
  void whoHasNotLockedAnythingSavesAsEver() {
    take(here, mine, MINE, mine.open("note", READ));
    loseLeases();
    here.program(MINE + 1).save("note", "of another process");
    assertThat(note()).isEqualTo("of another process");
  }

  @Test
  void whatIsWrittenIsSavedWhenTheLockIsGivenBack() {
    long handle = mine.open("note", READ, WRITE);
    take(here, mine, MINE, handle);
    mine.write(handle, 0, "under");
    assertThat(note()).isEqualTo("first");
    giveBack(here, mine, handle);
    assertThat(note()).isEqualTo("under");
    mine.close(handle);
  }

  @Test
  void whoGetsALockWorksWithWhatTheOneBeforeHasSaved() {
    long handle = mine.open("note", READ, WRITE);
    long other = others.open("note", READ, WRITE);
    for (int i = 0; i < 3; i++) {
      take(here, mine, MINE, handle);
      String seen = mine.read(handle);
      mine.write(handle, seen.length(), "+");
      giveBack(here, mine, handle);
      take(there, others, OTHERS, other);
      assertThat(others.read(other)).isEqualTo(seen + "+");
      others.write(other, seen.length() + 1, "-");
      giveBack(there, others, other);
    }
    mine.close(handle);
    others.close(other);
    assertThat(note()).isEqualTo("first+-+-+-");
  }

  @Test
  void whoLocksAndWritesWithoutReadingHasReadNothingElse() {
    long handle = mine.open("note", READ, WRITE);
    others.save("note", "second");
    take(here, mine, MINE, handle);
    mine.write(handle, 0, "S");
    mine.close(handle);
    assertThat(note()).isEqualTo("Second");
  }

  @Test
  void aLockDoesNotMakeUpForWhatWasReadBefore() {
    long handle = mine.open("note", READ, WRITE);
    assertThat(mine.read(handle)).isEqualTo("first");
    others.save("note", "second");
    take(here, mine, MINE, handle);
    mine.write(handle, 0, "made from first");
    assertThatThrownBy(() -> mine.close(handle)).isInstanceOf(FsException.class);
    assertThat(note()).isEqualTo("second");
  }

  @Test
  void whatSeveralHaveCreatedIsOneFileForAllWhoLockIt() {
    here.del("note");
    long handle = mine.create("note", READ, WRITE);
    long other = others.create("note", READ, WRITE);
    take(here, mine, MINE, handle);
    mine.write(handle, 0, "first");
    giveBack(here, mine, handle);
    take(there, others, OTHERS, other);
    assertThat(others.read(other)).isEqualTo("first");
    others.write(other, 5, " second");
    giveBack(there, others, other);
    mine.close(handle);
    others.close(other);
    assertThat(note()).isEqualTo("first second");
    assertThat(here.kept(Reason.REJECTED)).isEmpty();
  }

  @Test
  void whatOthersHaveReadIsNotReadUnnoticedByAWriter() {
    here.files.tell(new SilentKernel());
    assertThat(mine.cat("note")).isEqualTo("first");
    here.set("note", "second");
    Program reader = here.program(MINE + 1);
    assertThat(reader.cat("note")).isEqualTo("second");
    long other = reader.open("note", READ, WRITE);
    assertThat(here.files.keepsCache(other)).as("of who has read it").isTrue();
    reader.close(other);
    long handle = mine.open("note", READ, WRITE);
    assertThat(here.files.keepsCache(handle)).as("of who has read what was before").isFalse();
    mine.close(handle);
  }
}
