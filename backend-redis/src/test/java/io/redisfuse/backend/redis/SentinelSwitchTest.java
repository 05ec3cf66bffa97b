package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.ServerListener;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
        RedisBackend backend = RedisBackend.connect(optionsOf(sentinel))) {
      save(backend);

      assertThat(promoted.cli("GET", "key")).isEqualTo("saved");
      assertThat(old.cli("GET", "key")).isEmpty();
    }
  }

  /**
   * A server that was killed and is started again says that it is the master, until sentinels tell
   * it otherwise; and they are asked only four times a second what they think.
   */
  @Test
  void whoHasLostAConnectionAsksAnewWhoTheMasterIs() {
    try (RedisServer old = RedisServer.start();
        RedisServer next = RedisServer.start()) {
      AtomicReference<RedisServer> master = new AtomicReference<>(old);
      try (FakeRedis sentinel = new FakeRedis(words -> answer(words, old, master.get()));
          RedisBackend backend = RedisBackend.connect(optionsOf(sentinel))) {
        Cell cell = Cell.string(Bytes.utf8("key"));
        for (int i = 0; i < 10; i++) {
          RedisServer from = master.get();
          RedisServer to = from == old ? next : old;
          backend.commit(Transaction.of(new Change.Put(cell, Bytes.utf8("at the one"))));

          master.set(to);
          from.cli("CLIENT", "KILL", "TYPE", "normal");
          backend.commit(Transaction.of(new Change.Put(cell, Bytes.utf8("at the other " + i))));

          assertThat(to.cli("GET", "key")).isEqualTo("at the other " + i);
          assertThat(from.cli("GET", "key")).isEqualTo("at the one");
        }
      }
    }
  }

  @Test
  void whoListensHearsThatAnotherServerIsTheMaster() {
    AtomicInteger moves = new AtomicInteger();
    ServerListener listener =
        new ServerListener() {
          @Override
          public void moved() {
            moves.incrementAndGet();
          }
        };
    try (RedisServer old = RedisServer.start();
        RedisServer next = RedisServer.start()) {
      AtomicReference<RedisServer> master = new AtomicReference<>(old);
      try (FakeRedis sentinel = new FakeRedis(words -> answer(words, old, master.get()));
          RedisBackend backend = RedisBackend.connect(optionsOf(sentinel).withListener(listener))) {
        assertThat(backend.version(Cell.string(Bytes.utf8("key"))).isAbsent()).isTrue();
        assertThat(moves).hasValue(0);

        master.set(next);

        await().atMost(Duration.ofSeconds(20)).until(() -> moves.get() == 1);
      }
    }
  }

  @Test
  void aServerThatIsBeingReplacedConfirmsNothing() {
    AtomicReference<String> flags = new AtomicReference<>("master");
    Durability durability = new Durability.Replicas(1);
    try (RedisServer master = RedisServer.start();
        RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + master.port());
        FakeRedis sentinel = new FakeRedis(words -> answer(words, master, master, flags.get()));
        RedisBackend backend =
            RedisBackend.connect(optionsOf(sentinel).withTimeLimit(Duration.ofSeconds(2)))) {
      awaitLink(replica);
      save(backend);
      backend.sync(durability);

      flags.set("master,failover_in_progress,force_failover");
      assertThatExceptionOfType(BackendUnavailableException.class)
          .isThrownBy(() -> backend.sync(durability))
          .withMessageContaining("do not say that it stays the master")
          .withMessageContaining("it may be lost; look, and save again");

      // It was given up.
      flags.set("master");
      backend.sync(durability);
    }
  }

  /** In a new master's place the old flag stays until all replicas follow it. */
  @Test
  void aServerThatHasJustReplacedAnotherConfirmsWhatItHas() {
    try (RedisServer old = RedisServer.start();
        RedisServer master = RedisServer.start();
        RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + master.port());
        FakeRedis sentinel =
            new FakeRedis(words -> answer(words, old, master, "master,failover_in_progress"));
        RedisBackend backend =
            RedisBackend.connect(optionsOf(sentinel).withTimeLimit(Duration.ofSeconds(10)))) {
      awaitLink(replica);
      save(backend);
      assertThatCode(() -> backend.sync(new Durability.Replicas(1))).doesNotThrowAnyException();
    }
  }

  /** One that is slow, or not there, keeps nobody waiting who knows from others. */
  @Test
  void sentinelsThatDoNotAnswerAreNotWaitedFor() {
    AtomicInteger asked = new AtomicInteger();
    try (RedisServer master = RedisServer.start();
        RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + master.port());
        FakeRedis sentinel = new FakeRedis(words -> answer(words, master, master));
        Entrance silent =
            Entrance.open(
                client -> {
                  asked.incrementAndGet();
                  client.getInputStream().readAllBytes();
                });
        RedisBackend backend =
            RedisBackend.connect(
                RedisOptions.of(
                    silent.uri().replace("redis://", "redis-sentinel://")
                        + ","
                        + sentinel.uri().replace("redis://", "")
                        + "/mymaster"))) {
      awaitLink(replica);
      for (int i = 0; i < 40; i++) {
        backend.sync(new Durability.Replicas(1));
      }
      assertThat(asked).as("how often it was asked meanwhile").hasValueBetween(1, 30);
    }
  }

  @Test
  void aSentinelThatWantsAnotherPasswordIsSaidToDoSo() {
    try (FakeRedis sentinel =
        new FakeRedis(
            words ->
                words.get(0).equals("AUTH")
                    ? "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
                    : "-NOAUTH Authentication required.\r\n")) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> RedisBackend.connect(optionsOf(sentinel)))
          .withMessageMatching(
              "The sentinel at 127\\.0\\.0\\.1:\\d+ wants a password; give it in .*");
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () -> RedisBackend.connect(optionsOf(sentinel).withPassword("wrong"::toCharArray)))
          .withMessageMatching(
              "The sentinel at 127\\.0\\.0\\.1:\\d+ does not accept this user and password; .*")
          .withMessageNotContaining("wrong");
    }
  }

  @Test
  void aSentinelThatForbidsTheQuestionIsSaidToDoSo() {
    try (FakeRedis sentinel =
        new FakeRedis(
            words ->
                words.get(0).equals("PING")
                    ? "+PONG\r\n"
                    : "-NOPERM this user has no permissions to run the 'sentinel' command\r\n")) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> RedisBackend.connect(optionsOf(sentinel)))
          .withMessageContaining("grant +sentinel there with ACL SETUSER");
    }
  }

  private static void awaitLink(RedisServer replica) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> replica.cli("INFO", "replication").contains("master_link_status:up"));
  }

  private static void save(RedisBackend backend) {
    backend.commit(
        Transaction.of(new Change.Put(Cell.string(Bytes.utf8("key")), Bytes.utf8("saved"))));
  }

  private static RedisOptions optionsOf(FakeRedis sentinel) {
    return RedisOptions.of(sentinel.uri().replace("redis://", "redis-sentinel://") + "/mymaster");
  }

  private static String answer(List<String> words, RedisServer old, RedisServer promoted) {
    return answer(words, old, promoted, "master");
  }

  private static String answer(
      List<String> words, RedisServer old, RedisServer promoted, String flags) {
    return switch (String.join(" ", words)) {
      case "PING" -> "+PONG\r\n";
      case "SENTINEL MASTER mymaster" ->
          list(
              "name",
              "mymaster",
              "ip",
              "127.0.0.1",
              "port",
              "" + old.port(),
              "flags",
              flags,
              "config-epoch",
              "5");
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
