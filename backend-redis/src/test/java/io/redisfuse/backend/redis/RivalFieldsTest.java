package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** Commits to a field while others never leave the rest of its hash alone. */
@Timeout(120)
@Tag("server")
final class RivalFieldsTest {

  private static final Bytes HASH = Bytes.utf8("hash");
  private static final Cell MINE = Cell.field(HASH, Bytes.utf8("mine"));
  private static final int COMMITS = 30;
  private static final int RIVALS = 3;

  private RedisServer server;
  private RawRedis redis;
  private ExecutorService rivals;
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<Future<?>> storm = new ArrayList<>();

  @BeforeEach
  void start() {
    server = RedisServer.start();
    redis = RawRedis.of(server);
    rivals = Executors.newFixedThreadPool(RIVALS);
  }

  @AfterEach
  void stop() throws Exception {
    over.set(true);
    rivals.shutdown();
    assertThat(rivals.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    redis.close();
    server.close();
  }

  @Test
  void aStormOnAnotherFieldIsNoConflictAndDoesNotStopACommit() throws Exception {
    unleash(RIVALS, rival -> rival.ask(Command.HSET, HASH, "theirs", System.nanoTime()));

    commitAgainAndAgain(server.options());
  }

  @Test
  void aStormOfTtlsIsNoConflict() throws Exception {
    redis.ask(Command.HSET, HASH, "theirs", "x");
    unleash(
        RIVALS, rival -> rival.ask(Command.PEXPIRE, HASH, 1_000_000 + System.nanoTime() % 1000));

    commitAgainAndAgain(server.options());
  }

  @Test
  void appendsGetThroughAStormOnTheirOwnKey() throws Exception {
    Bytes log = Bytes.utf8("log");
    unleash(RIVALS, rival -> rival.ask(Command.APPEND, log, "."));

    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      for (int i = 0; i < COMMITS; i++) {
        backend.commit(Transaction.of(new Change.Append(Cell.string(log), Bytes.utf8("x"))));
      }
    }
    endStorm();

    assertThat(redis.get("log").chars().filter(c -> c == 'x').count()).isEqualTo(COMMITS);
  }

  @Test
  void withoutScriptsACommitFindsAGapInTheStorm() throws Exception {
    redis.ask(Command.ACL, "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting");
    unleash(1, rival -> rival.ask(Command.HSET, HASH, "theirs", System.nanoTime()));

    commitAgainAndAgain(
        RedisOptions.of("redis://plain:pw@127.0.0.1:" + server.port())
            .withTimeLimit(Duration.ofSeconds(30)));
  }

  private void commitAgainAndAgain(RedisOptions options) throws Exception {
    try (RedisBackend backend = RedisBackend.connect(options)) {
      Version last = Version.ABSENT;
      for (int i = 0; i < COMMITS; i++) {
        Bytes next = Bytes.utf8("content " + i);
        backend.commit(Transaction.builder().expect(MINE, last).put(MINE, next).build());
        last = Version.of(next);
      }
      assertThat(backend.version(MINE)).isEqualTo(last);
    }
    endStorm();
  }

  private void unleash(int count, Consumer<RawRedis> deed) {
    for (int i = 0; i < count; i++) {
      storm.add(
          rivals.submit(
              () -> {
                try (RawRedis rival = RawRedis.of(server)) {
                  while (!over.get()) {
                    deed.accept(rival);
                  }
                }
              }));
    }
    Awaitility.await().until(() -> redis.text(Command.DBSIZE).equals("1"));
  }

  private void endStorm() throws Exception {
    over.set(true);
    for (Future<?> rival : storm) {
      rival.get(20, TimeUnit.SECONDS);
    }
  }
}
