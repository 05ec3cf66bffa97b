package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ServerListener.Circuit;
import io.redisfuse.api.ServerListener.Resolution;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import io.redisfuse.frontend.files.SaveResult;
import io.redisfuse.frontend.files.locks.LocalLocks;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.LiveIndex;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTextTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123Z");

  private static final ChangeListener DEAF =
      new ChangeListener() {
        @Override
        public void changed(Bytes key) {}

        @Override
        public void reset() {}
      };

  @TempDir Path state;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final ServerRecord server = new ServerRecord(metrics, () -> NOW);
  private final FeedRecord feed = new FeedRecord(metrics, () -> NOW);
  private final SaveRecord saves = new SaveRecord(metrics);
  private final Outcomes operations = new Outcomes(metrics, "operations", "", "operation");

  private List<String> lines(String uri, String prefix) throws Exception {
    Keyspace keyspace = new Keyspace(Bytes.EMPTY, Bytes.utf8(":"));
    try (MemoryBackend backend = new MemoryBackend();
        LiveIndex index = new LiveIndex(backend, keyspace, Duration.ofSeconds(20))) {
      index.start();
      assertThat(index.awaitComplete(Duration.ofSeconds(20))).isTrue();
      return new StatusText(
              source(uri),
              prefix,
              server,
              feed,
              saves,
              operations,
              index,
              new KeptTexts(state, () -> NOW),
              new LocalLocks())
          .now()
          .toUtf8()
          .lines()
          .toList();
    }
  }

  private static String source(String uri) throws StartException {
    return new BackendChoice("redis", Server.parse(uri, "a test"), Duration.ofSeconds(1)).source();
  }

  @Test
  void saysThatAllIsWell() throws Exception {
    feed.begins();
    saves.ended(SaveResult.SAVED);
    operations.of("open", () -> {});

    assertThat(lines("redis://me:hunter2@localhost", "app:"))
        .containsExactly(
            "backend: redis://me@localhost:6379/0",
            "prefix: app:",
            "connected: yes",
            "circuit: closed",
            "reconnects: 0",
            "last failover: none",
            "feed: live, since 2026-01-01T00:00:00Z",
            "feed resets: 0",
            "index: complete",
            "keys: 0",
            "operations: 1",
            "failed operations: 0",
            "saves: 1",
            "conflicts: 0",
            "unknown saves: 0",
            "failed saves: 0",
            "unknown outcomes: 0",
            "kept texts: 0",
            "locks held: 0",
            "locks waited for: 0");
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    server.failed("connection refused");
    server.circuit(Circuit.HALF_OPEN);
    server.resolved(Resolution.APPLIED);
    server.resolved(Resolution.NEVER_KNOWN);
    feed.before(DEAF).lost();
    saves.ended(SaveResult.CONFLICT);
    catchThrowable(() -> operations.of("read", StatusTextTest::fail));

    assertThat(lines("redis://localhost", ""))
        .contains(
            "connected: no, since 2026-01-01T00:00:00Z (connection refused)",
            "circuit: half-open",
            "feed: lost, since 2026-01-01T00:00:00Z",
            "failed operations: 1 (no space 1)",
            "conflicts: 1",
            "unknown outcomes: 2 (applied 1, never known 1)")
        .noneMatch(line -> line.startsWith("prefix"));
  }

  private static void fail() {
    throw new FsException(FsError.NO_SPACE, "The store is full.");
  }
}
