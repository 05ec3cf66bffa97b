package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rivals who read, change and save, on two mounts of one store and beside them. */
class LostUpdateTest {

  private static final int PROCESSES = 6;
  private static final int SUCCESSES = 25;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path kept;

  /** How a process saves. */
  private enum Way {
    TRUNCATING,
    IN_PLACE,
    RENAMING_SCRATCH,
    RENAMING,
    EXCHANGING,
    MIXED;

    void save(Program program, String path, int process, String text) {
      switch (this) {
        case TRUNCATING -> program.save(path, text);
        case IN_PLACE -> program.saveInPlace(path, text);
        case RENAMING_SCRATCH -> renamed(program, path, "n." + process + ".tmp~", text);
        case RENAMING -> renamed(program, path, "tmp-" + process, text);
        case EXCHANGING -> exchanged(program, path, "other-" + process, text);
        // Not by exchanges: who has the file open then writes to what the other one removes.
        case MIXED -> values()[process % EXCHANGING.ordinal()].save(program, path, process, text);
      }
    }

    /** What the other file holds afterwards is taken for the old version, and removed. */
    private static void exchanged(Program program, String path, String other, String text) {
      program.save(other, text);
      try {
        program.exchange(other, path);
      } finally {
        program.rm(other);
      }
    }

    private static void renamed(Program program, String path, String temporary, String text) {
      program.save(temporary, text);
      try {
        program.mv(temporary, path);
      } catch (FsException e) {
        program.rm(temporary);
        throw e;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TRUNCATING, counter", "TRUNCATING, hash.counter",
    "IN_PLACE, counter", "IN_PLACE, hash.counter",
    "RENAMING_SCRATCH, counter", "RENAMING_SCRATCH, hash.counter",
    "RENAMING, counter", "RENAMING, hash.counter",
    "EXCHANGING, counter", "EXCHANGING, hash.counter",
    "MIXED, counter", "MIXED, hash.counter",
  })
  void theNumberIsAsLargeAsTheSavesThatSucceeded(Way way, String path) throws Exception {
    MemoryBackend store = new MemoryBackend();
    try (Workspace one = new Workspace(store, kept);
        Workspace two = new Workspace(store.openAnother(), kept);
        MemoryBackend direct = store.openAnother()) {
      one.program(99).save(path, "0");
      List<Callable<Integer>> rivals = new ArrayList<>();
      for (int i = 1; i <= PROCESSES; i++) {
        int process = i;
        Program program = (i % 2 == 0 ? one : two).program(i);
        rivals.add(() -> increment(program, process, path, way));
      }
      rivals.add(() -> increment(direct, cell(path)));
      int sum = race(rivals);
      assertThat(sum).isEqualTo((PROCESSES + 1) * SUCCESSES);
      assertThat(text(direct, cell(path))).isEqualTo(Integer.toString(sum));
      assertThat(one.cat(path)).isEqualTo(Integer.toString(sum));
      assertThat(two.cat(path)).isEqualTo(Integer.toString(sum));
      assertThat(one.cells()).hasSize(1);
    }
  }

  private static int race(List<Callable<Integer>> rivals) throws Exception {
    CyclicBarrier start = new CyclicBarrier(rivals.size());
    ExecutorService threads = Executors.newFixedThreadPool(rivals.size());
    try {
      List<Future<Integer>> successes = new ArrayList<>();
      for (Callable<Integer> rival : rivals) {
        successes.add(
            threads.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  return rival.call();
                }));
      }
      int sum = 0;
      for (Future<Integer> success : successes) {
        sum += success.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      return sum;
    } finally {
      threads.shutdownNow();
    }
  }

  private static int increment(Program program, int process, String path, Way way) {
    int saved = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (saved < SUCCESSES && System.nanoTime() < deadline) {
      try {
        String text = program.cat(path);
        // What another process has truncated or is writing is no number to add to.
        if (text.matches("\\d+")) {
          way.save(program, path, process, Integer.toString(Integer.parseInt(text) + 1));
          saved++;
        }
      } catch (FsException e) {
        assertThat(e.error()).isIn(FsError.CONFLICT, FsError.STALE, FsError.NO_ENTRY);
      }
    }
    return saved;
  }

  private static int increment(Backend direct, Cell cell) {
    int saved = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (saved < SUCCESSES && System.nanoTime() < deadline) {
      Snapshot before = direct.read(cell).orElseThrow();
      int next = Integer.parseInt(before.content().toUtf8()) + 1;
      try {
        direct.commit(
            Transaction.builder()
                .expect(cell, before.version())
                .put(cell, Bytes.utf8(Integer.toString(next)))
                .build());
        saved++;
        Thread.sleep(1);
      } catch (ConflictException e) {
        Thread.onSpinWait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return saved;
      }
    }
    return saved;
  }

  private static Cell cell(String path) {
    return path.equals("counter")
        ? Cell.string(Bytes.utf8("counter"))
        : Cell.field(Bytes.utf8("hash"), Bytes.utf8("counter"));
  }

  private static String text(Backend backend, Cell cell) {
    return backend.read(cell).orElseThrow().content().toUtf8();
  }

  @Test
  void aTruncatingRivalIsNotOverwrittenEither() {
    MemoryBackend store = new MemoryBackend();
    try (Workspace one = new Workspace(store, kept);
        Workspace two = new Workspace(store.openAnother(), kept)) {
      one.save("f", "v1");
      long mine = one.open("f", WRITE, TRUNCATE);
      two.save("f", "v2");
      one.write(mine, 0, "v3");
      assertThat(Workspace.errorOf(() -> one.files.flush(mine, Workspace.ME)))
          .isEqualTo(FsError.CONFLICT);
      one.files.release(mine);
      assertThat(two.cat("f")).isEqualTo("v2");
    }
  }
}
