package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;

/** Users who may little: the feed needs no rights of an administrator. */
@Timeout(120)
@Tag("server")
final class FeedPermissionsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What the documentation says that a user needs: nothing of it may be left away. */
  private static final String SMALLEST =
      "~* +ping +client|tracking"
          + " +scan +type +pttl +persist +pexpire +rename +unlink"
          + " +get +getrange +set +strlen +append +setrange"
          + " +hget +hset +hdel +hexists +hkeys +hlen +hscan +hstrlen"
          + " +llen +lrange +scard +smembers +sscan +zcard +zrange +xlen +xrange"
          + " +watch +multi +exec";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "~* &* +@read +@write +@keyspace +@connection +@transaction +@scripting -@admin"
            + " -@dangerous",
        SMALLEST + " +select +eval +evalsha +info|commandstats",
        SMALLEST
      })
  void theFeedReportsToAUserWithoutTheRightsOfAnAdministrator(String permissions) {
    RecordingListener listener = new RecordingListener();
    Cell own = Cell.string(Bytes.utf8("own"));
    try (RedisServer server = RedisServer.start();
        RawRedis redis = RawRedis.of(server)) {
      List<Object> user = new ArrayList<>();
      Collections.addAll(user, "SETUSER", "plain", "on", ">pw");
      Collections.addAll(user, (Object[]) permissions.split(" "));
      redis.ask(Command.ACL, user.toArray());
      int database = permissions.contains("@connection") || permissions.contains("select") ? 3 : 0;
      redis.ask(Command.SELECT, database);
      redis.ask(Command.SET, "key", "x");
      redis.ask(Command.SET, "gone", "x");
      redis.ask(Command.SET, "passing", "x");

      try (RedisBackend backend =
          RedisBackend.connect(
              RedisOptions.of("redis://plain:pw@127.0.0.1:" + server.port() + "/" + database))) {
        backend.watch(Bytes.EMPTY, listener);

        redis.ask(Command.SET, "key", "y");
        redis.ask(Command.DEL, "gone");
        await()
            .atMost(PATIENCE)
            .until(() -> listener.hasHeardOf("key") && listener.hasHeardOf("gone"));
        assertThat(listener.hasHeardOf("passing")).isFalse();
        redis.ask(Command.PEXPIRE, "passing", 1);
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    redis.text(Command.EXISTS, "passing").equals("0")
                        && listener.hasHeardOf("passing"));
        backend.commit(Transaction.of(new Change.Put(own, Bytes.utf8("x"))));
        await().atMost(PATIENCE).until(() -> listener.hasHeardOf("own"));
        assertThat(backend.read(own)).contains(Snapshot.of(Bytes.utf8("x")));
        assertThat(listener.resets()).isZero();

        redis.ask(Command.FLUSHDB);
        await().atMost(PATIENCE).until(() -> listener.resets() == 1);
        redis.ask(Command.SWAPDB, 0, 3);
        redis.ask(Command.SET, "last", "x");
        await().atMost(PATIENCE).until(() -> listener.hasHeardOf("last"));
        if (permissions.contains("+info")) {
          await().atMost(PATIENCE).until(() -> listener.resets() == 2);
        }
      }
    }
  }
}
