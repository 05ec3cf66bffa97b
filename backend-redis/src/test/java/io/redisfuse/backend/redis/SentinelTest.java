package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The backend follows the master that sentinels name. */
@Timeout(240)
@Tag("server")
final class SentinelTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  private SentinelSet set;
  private RedisBackend backend;

  @BeforeEach
  void start() {
    set = SentinelSet.start();
    backend =
        RedisBackend.connect(RedisOptions.of(set.uri()).withTimeLimit(Duration.ofSeconds(20)));
  }

  @AfterEach
  void stop() {
    if (backend != null) {
      backend.close();
    }
    set.close();
  }

  private void put(String key, String value) {
    backend.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value))));
  }

  /** As a save: over what is there, and only that. */
  private void replace(String key, String before, String value) {
    Cell cell = Cell.string(Bytes.utf8(key));
    backend.commit(
        new Transaction(
            List.of(new Expectation(cell, Version.of(Bytes.utf8(before)))),
            List.of(new Change.Put(cell, Bytes.utf8(value)))));
  }

  private String get(String key) {
    return backend.read(Cell.string(Bytes.utf8(key))).orElseThrow().content().toUtf8();
  }

  @Test
  void aKilledMasterIsFollowedByTheNext() {
    RecordingListener listener = new RecordingListener();
    Subscription feed = backend.watch(Bytes.EMPTY, listener);
    try {
      put("key", "one");
      awaitReplicated("key", "one");
      RedisServer old = set.master();
      int resets = listener.resets();

      old.kill();
      replace("key", "one", "two");

      assertThat(get("key")).isEqualTo("two");
      RedisServer next = set.awaitOtherThan(old);
      assertThat(next.cli("GET", "key")).isEqualTo("two");
      await().atMost(LONG).until(() -> listener.resets() > resets);
      await()
          .atMost(LONG)
          .until(
              () -> {
                next.cli("SET", "others", "text");
                return listener.hasHeardOf("others");
              });
    } finally {
      feed.close();
    }
  }

  @Test
  void aMasterThatStandsStillIsLeftAndItsReturnChangesNothing() {
    put("key", "one");
    awaitReplicated("key", "one");
    RedisServer old = set.master();
    old.freeze();
    long start = System.nanoTime();
    replace("key", "one", "two");
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    RedisServer next = set.awaitOtherThan(old);

    assertThat(took).isLessThan(Duration.ofSeconds(20));
    assertThat(next.cli("GET", "key")).isEqualTo("two");
    old.thaw();
    for (int i = 0; i < 20; i++) {
      put("key", "after " + i);
      assertThat(get("key")).isEqualTo("after " + i);
    }
    set.awaitReplica(old);
    await().atMost(LONG).until(() -> old.cli("GET", "key").equals("after 19"));
  }

  @Test
  void aMasterThatBecomesAReplicaOnTheQuietIsNoticedByItsRefusal() {
    put("key", "one");
    awaitReplicated("key", "one");
    RedisServer old = set.master();

    old.cli("CONFIG", "SET", "min-replicas-to-write", "0");
    // As an administrator does who wants another one; it stays alive, and its connections with it.
    set.failOver();
    // What it takes until then it forgets.
    int number = 0;
    while (!old.cli("ROLE").startsWith("slave")) {
      put("key", "text " + number++);
    }
    put("key", "last");

    assertThat(set.awaitOtherThan(old).cli("GET", "key")).isEqualTo("last");
  }

  /**
   * The old master goes on taking writes for ten seconds, and for some hundred milliseconds another
   * replica says that it has them.
   */
  @Test
  void whatWasSyncedWhileTheMasterHandsOverIsThere() {
    List<String> synced = new ArrayList<>();
    RedisServer old = set.master();
    int failures = 0;
    set.failOver();
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    for (int i = 0; System.nanoTime() < end; i++) {
      put("key" + i, "text");
      try {
        backend.sync(new Durability.Replicas(1));
        synced.add("key" + i);
      } catch (BackendUnavailableException e) {
        assertThat(e).hasMessageContaining("it may be lost; look, and save again");
        failures++;
      }
    }

    RedisServer next = set.awaitOtherThan(old);
    assertThat(failures).isPositive();
    assertThat(synced).hasSizeGreaterThan(10);
    assertThat(next.cli(words("EXISTS", synced))).isEqualTo("" + synced.size());
  }

  private static String[] words(String command, List<String> arguments) {
    return Stream.concat(Stream.of(command), arguments.stream()).toArray(String[]::new);
  }

  @Test
  void aNameThatNoSentinelKnowsIsSaidSo() {
    RedisOptions wrong =
        RedisOptions.of(set.uri().replace(SentinelSet.MASTER, "another"))
            .withTimeLimit(Duration.ofSeconds(1));

    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> RedisBackend.connect(wrong))
        .withMessageContaining("no sentinel knows a master another");
  }

  @Test
  void sentinelsThatAreNotThereAreSaidSo() {
    RedisOptions wrong =
        RedisOptions.of("redis-sentinel://127.0.0.1:1,127.0.0.1:2/mymaster")
            .withTimeLimit(Duration.ofSeconds(1));

    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> RedisBackend.connect(wrong))
        .withMessageContaining("mymaster of the sentinels 127.0.0.1:1,127.0.0.1:2")
        .withMessageContaining("Connection refused");
  }

  private void awaitReplicated(String key, String value) {
    await()
        .atMost(LONG)
        .until(
            () -> set.servers().stream().allMatch(server -> server.cli("GET", key).equals(value)));
  }
}
