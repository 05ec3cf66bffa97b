package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Change;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Writers on two mounts and a client of the store each read a list, add an item of their own and
 * save it, call by call in an order by chance: nobody's item is lost, and whose call failed, his is
 * not there.
 */
class InterleavedSavesTest {

  private static final int CALLS = 400;

  @TempDir Path kept;
  private final MemoryBackend memory = new MemoryBackend();
  private final List<String> calls = new ArrayList<>();
  private String last = "0;";

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nobodysItemIsLost(int seed) {
    List<Way> ways = List.of(Way.values()).subList(0, Way.FIRST_THAT_TAKES_NAMES_AWAY);
    try (Workspace one = new Workspace(memory, kept);
        Workspace two = new Workspace(memory.openAnother(), kept)) {
      run(seed, ways, List.of(one, one, one, two));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nobodysItemIsLostAmongMounts(int seed) {
    try (Workspace one = new Workspace(memory, kept);
        Workspace two = new Workspace(memory.openAnother(), kept);
        Workspace three = new Workspace(memory.openAnother(), kept)) {
      run(seed, List.of(Way.values()), List.of(one, two, three));
    }
  }

  /** Each writer uses one of the mounts, which may be the same. */
  private void run(int seed, List<Way> ways, List<Workspace> mounts) {
    Random random = new Random(seed);
    Kind kind = Kind.values()[seed % 2];
    kind.set(mounts.get(0), "0;");
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < mounts.size(); i++) {
      Program program = mounts.get(i).program(i + 1);
      writers.add(new Writer(program, i + 1, kind.path, random, ways, calls));
    }
    for (int i = 0; i < CALLS; i++) {
      Instant now = Workspace.START.plus(Duration.ofMillis(500L * i));
      mounts.forEach(mount -> mount.now.set(now));
      int next = random.nextInt(writers.size() * 8 + 1);
      if (next == writers.size() * 8) {
        addDirectly(kind, i);
      } else {
        writers.get(next % writers.size()).call();
      }
      requireExtended(kind);
    }
    writers.forEach(Writer::finish);
    requireExtended(kind);
    requireAllItems(writers);
  }

  private void addDirectly(Kind kind, int item) {
    Optional<Snapshot> before = memory.read(kind.inStore());
    if (before.isPresent()) {
      String text = before.get().content().toUtf8() + "r." + item + ";";
      calls.add("the client adds r." + item);
      memory.commit(Transaction.of(new Change.Put(kind.inStore(), Bytes.utf8(text))));
    }
  }

  /** The store holds what it held before, and perhaps more. */
  private void requireExtended(Kind kind) {
    Optional<Snapshot> now = memory.read(kind.inStore());
    assertThat(now).as("%s", calls).isPresent();
    assertThat(now.get().content().toUtf8()).as("%s", calls).startsWith(last);
    last = now.get().content().toUtf8();
  }

  private void requireAllItems(List<Writer> writers) {
    List<String> items = List.of(last.split(";"));
    for (Writer writer : writers) {
      assertThat(items).as("%s", calls).containsAll(writer.saved);
      assertThat(items).as("%s", calls).doesNotContainAnyElementsOf(writer.rejected);
    }
  }

  /** How a writer saves; the last ones take the name away before they give it again. */
  enum Way {
    TRUNCATING,
    TRUNCATING_AND_SYNCING,
    IN_PLACE,
    THROUGH_ONE_HANDLE,
    RENAMING_SCRATCH,
    RENAMING,
    SED,
    VIM_COPYING,
    VIM_RENAMING,
    PERL;

    static final int FIRST_THAT_TAKES_NAMES_AWAY = VIM_RENAMING.ordinal();
  }
}
