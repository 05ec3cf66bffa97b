package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

@Timeout(120)
@Tag("server")
final class DurabilityTest {

  private RedisServer server;
  private RedisBackend backend;

  @BeforeEach
  void start() {
    server = RedisServer.start();
    backend = RedisBackend.connect(server.options().withTimeLimit(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    backend.close();
    server.close();
  }

  @Test
  void whatIsAppliedNeedsNoWait() {
    assertThatCode(() -> backend.sync(new Durability.Applied())).doesNotThrowAnyException();
  }

  @Test
  void aReplicaHasWhatWasCommittedBeforeTheSync() {
    try (RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + server.port());
        RawRedis there = RawRedis.of(replica)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> there.text(Command.INFO, "replication").contains("master_link_status:up"));
      backend.commit(
          Transaction.of(new Change.Put(Cell.string(Bytes.utf8("key")), Bytes.utf8("content"))));

      backend.sync(new Durability.Replicas(1));

      assertThat(there.get("key")).isEqualTo("content");
      assertThat(Long.parseLong(there.text(Command.PTTL, ".redisfuse:sync")))
          .isBetween(1L, 10_000L);
    }
  }

  @Test
  void withoutAReplicaASyncFailsWithinTheTimeLimitAndSaysThatTheCommitIsApplied() {
    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> backend.sync(new Durability.Replicas(1)))
        .withMessageContaining("is applied")
        .withMessageContaining("0 of 1 replicas");
  }

  @Test
  void ofAServerThatDiesBeforeItConfirmsASyncSaysThatTheCommitWasApplied() {
    backend.commit(
        Transaction.of(new Change.Put(Cell.string(Bytes.utf8("key")), Bytes.utf8("content"))));
    server.kill();
    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> backend.sync(new Durability.Replicas(1)))
        .withMessageStartingWith("What was committed was applied, but nobody has confirmed it")
        .withMessageContaining("did not answer within");
  }

  @Test
  void withoutAnAppendOnlyFileNobodyWaitsForIt() {
    // Redis before 7.2 does not know the command, later ones say that there is no such file.
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> backend.sync(new Durability.AppendOnlyFile()))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.UNSUPPORTED));
  }
}
