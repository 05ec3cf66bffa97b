package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rivals who read, change and save, on two mounts of one store. */
class LostUpdateTest {

  private static final int RIVALS = 4;
  private static final int ROUNDS = 150;

  @TempDir Path rejected;

  @ParameterizedTest
  @ValueSource(strings = {"counter", "hash.counter"})
  void theNumberIsAsLargeAsTheSavesThatSucceeded(String path) throws Exception {
    MemoryBackend store = new MemoryBackend();
    try (Workspace one = new Workspace(store, rejected);
        Workspace two = new Workspace(store.openAnother(), rejected)) {
      one.save(path, "0");
      CyclicBarrier start = new CyclicBarrier(RIVALS);
      ExecutorService rivals = Executors.newFixedThreadPool(RIVALS);
      try {
        List<Future<Integer>> successes = new ArrayList<>();
        for (int i = 0; i < RIVALS; i++) {
          Workspace mount = i % 2 == 0 ? one : two;
          successes.add(
              rivals.submit(
                  () -> {
                    start.await(30, TimeUnit.SECONDS);
                    int saved = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                      if (increment(mount, path)) {
                        saved++;
                      }
                    }
                    return saved;
                  }));
        }
        int sum = 0;
        for (Future<Integer> success : successes) {
          sum += success.get(60, TimeUnit.SECONDS);
        }
        assertThat(one.cat(path)).isEqualTo(Integer.toString(sum));
        assertThat(sum).isPositive();
      } finally {
        rivals.shutdownNow();
      }
    }
  }

  /**
   * Reads and writes through one handle, since what a process reads through another one is not
   * remembered yet. Handles of one mount share the file, so a rival of the same mount that has
   * written already is seen, and then there is nothing to add.
   */
  private static boolean increment(Workspace mount, String path) {
    long handle = mount.open(path, READ, WRITE);
    try {
      ByteBuffer text = ByteBuffer.allocate(20);
      synchronized (mount) {
        int n = mount.files.read(handle, 0, text);
        int value = Integer.parseInt(Bytes.copyOf(text.flip()).slice(0, n).toUtf8());
        byte[] next = Integer.toString(value + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        mount.files.setAttributes(
            mount.node(path), OptionalLong.of(handle), AttributeChange.size(0), Workspace.ME);
        mount.files.write(handle, 0, ByteBuffer.wrap(next));
        mount.files.flush(handle, Workspace.ME);
        return true;
      }
    } catch (FsException e) {
      assertThat(e.error()).isEqualTo(FsError.CONFLICT);
      return false;
    } finally {
      mount.files.release(handle);
    }
  }

  @Test
  void aTruncatingRivalIsNotOverwrittenEither() {
    MemoryBackend store = new MemoryBackend();
    try (Workspace one = new Workspace(store, rejected);
        Workspace two = new Workspace(store.openAnother(), rejected)) {
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
