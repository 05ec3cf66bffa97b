package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a sentinel says in the middle of a failover, in Redis 7.0. */
@Timeout(60)
class SentinelSwitchTest {

  /**
   * Until all replicas follow the new master, {@code SENTINEL MASTER} shows the old one with the
   * epoch of the new one. What is saved at the old one is lost when it becomes a replica.
   */
  @Test
  void theNewMasterIsUsedBeforeAllReplicasFollowIt() {
    try (RedisServer old = RedisServer.start();
        RedisServer promoted = RedisServer.start();
        FakeRedis sentinel = new FakeRedis(words -> answer(words, old, promoted));
        RedisBackend backend =
            RedisBackend.connect(
                RedisOptions.of(
                    sentinel.uri().replace("redis://", "redis-sentinel://") + "/mymaster"))) {
      backend.commit(
          Transaction.of(new Change.Put(Cell.string(Bytes.utf8("key")), Bytes.utf8("saved"))));

      assertThat(promoted.cli("GET", "key")).isEqualTo("saved");
      assertThat(old.cli("GET", "key")).isEmpty();
    }
  }

  private static String answer(List<String> words, RedisServer old, RedisServer promoted) {
    return switch (String.join(" ", words)) {
      case "PING" -> "+PONG\r\n";
      case "SENTINEL MASTER mymaster" ->
          list("name", "mymaster", "ip", "127.0.0.1", "port", "" + old.port(), "config-epoch", "5");
      case "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster" -> list("127.0.0.1", "" + promoted.port());
      default -> "+OK\r\n";
    };
  }

  private static String list(String... words) {
    return Stream.of(words)
        .map(word -> "$" + word.length() + "\r\n" + word + "\r\n")
        .collect(Collectors.joining("", "*" + words.length + "\r\n", ""));
  }
}
