package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Processes on two mounts read and save by all ways, and a client of the store writes and deletes,
 * in an order by chance: each save succeeds or fails as what its process has seen demands.
 */
class RandomSavesTest {

  private static final int PROCESSES = 8;

  /** Who was started by whom; a process and its parent use the same mount. */
  private static final Map<Integer, Integer> PARENTS = Map.of(3, 1, 5, 3, 7, 1, 4, 2);

  private static final int STEPS = 60;
  private static final String ABSENT = "(absent)";

  /** Those that save all of their text or nothing, and read nothing but backups. */
  private static final List<Editor> EDITORS =
      Stream.of(Editor.values())
          .filter(editor -> editor != Editor.TRUNCATED_BY_NAME && editor != Editor.MG)
          .toList();

  @TempDir Path kept;
  private Workspace one;
  private Workspace two;

  /** What each process has seen last, by process and kind. */
  private final Map<String, String> seen = new HashMap<>();

  private final List<String> steps = new ArrayList<>();

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everySaveSucceedsOrFailsAsWhatItsProcessHasSeenDemands(int seed) {
    MemoryBackend store = new MemoryBackend();
    Random random = new Random(seed);
    // Before there are mounts, so that both know the directory.
    store.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8("dir:other")), Bytes.EMPTY)));
    try (Workspace first = new Workspace(store, kept);
        Workspace second = new Workspace(store.openAnother(), kept)) {
      one = first;
      two = second;
      PARENTS.forEach((child, parent) -> mountOf(child).processes.child(child, parent));
      for (int i = 0; i < STEPS; i++) {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        one.now.set(Workspace.START.plus(Duration.ofSeconds(5L * i)));
        two.now.set(one.now.get());
        step(random, kind, "text " + seed + "." + i);
      }
    }
  }

  private void step(Random random, Kind kind, String text) {
    int process = 1 + random.nextInt(PROCESSES);
    Workspace fs = mountOf(process);
    switch (random.nextInt(10)) {
      case 0 -> rival("SET", kind, () -> kind.set(one, text));
      case 1 -> rival("DEL", kind, () -> kind.delete(one));
      case 2, 3, 4 -> read(fs, process, kind);
      default -> save(fs, process, kind, EDITORS.get(random.nextInt(EDITORS.size())), text);
    }
  }

  private Workspace mountOf(int process) {
    return process % 2 == 0 ? one : two;
  }

  private void rival(String what, Kind kind, Runnable action) {
    if (what.equals("SET") || kind.get(one).isPresent()) {
      steps.add(what + " " + kind);
      action.run();
    }
  }

  private void read(Workspace fs, int process, Kind kind) {
    Optional<String> there = kind.get(fs);
    if (there.isPresent()) {
      steps.add(process + " reads " + kind);
      assertThat(fs.program(process).cat(kind.path)).as("%s", steps).isEqualTo(there.get());
      seen.put(process + kind.path, there.get());
    }
  }

  private void save(Workspace fs, int process, Kind kind, Editor editor, String text) {
    String before = kind.get(fs).orElse(ABSENT);
    String expected = seen.getOrDefault(process + kind.path, before);
    steps.add(process + " saves " + kind + " as " + editor + (expected.equals(before) ? "" : " !"));
    FsError error = null;
    try {
      editor.save(fs.program(process), kind.path, text);
    } catch (FsException e) {
      error = e.error();
    }
    if (expected.equals(before)) {
      assertThat(error).as("%s", steps).isNull();
      assertThat(kind.get(fs)).as("%s", steps).contains(text);
      seen.put(process + kind.path, text);
      for (Integer p = PARENTS.get(process); p != null; p = PARENTS.get(p)) {
        seen.replace(p + kind.path, before, text);
      }
    } else {
      assertThat(error).as("%s", steps).isEqualTo(FsError.CONFLICT);
      assertThat(kind.get(fs).orElse(ABSENT)).as("%s", steps).isEqualTo(before);
      assertThat(fs.kept(Reason.REJECTED)).as("%s", steps).anyMatch(k -> k.startsWith(text));
      seen.put(process + kind.path, before);
    }
  }
}
