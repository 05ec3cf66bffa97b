package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A server that hangs up on large values, because its operator said so. */
class UnwelcomeValueTest {

  private static final Cell CELL = Cell.string(Bytes.utf8("cell"));
  private static final Bytes SMALL = Bytes.utf8("small");
  private static final Bytes LARGE = Bytes.wrap(new byte[4 << 20]);

  @Test
  void aCommitDoesNotGoOnForEver() {
    try (RedisServer server = RedisServer.start("--proto-max-bulk-len", "1mb");
        RedisBackend backend =
            RedisBackend.connect(server.options().withTimeLimit(Duration.ofSeconds(1)))) {
      backend.commit(Transaction.of(new Change.Put(CELL, SMALL)));
      long start = System.nanoTime();

      Throwable failure =
          catchThrowable(() -> backend.commit(Transaction.of(new Change.Put(CELL, LARGE))));

      assertThat(failure).isInstanceOf(BackendException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      // Not through the backend, which leaves the server alone for a moment now.
      assertThat(server.cli("GET", "cell")).isEqualTo("small");
    }
  }
}
