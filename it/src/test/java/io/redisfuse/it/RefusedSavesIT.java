package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.backend.redis.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.util.SafeEncoder;

/**
 * A server that answers, but takes no changes: each call says so with a fitting errno, the log says
 * what to do, Redis holds what it held, what was not saved is kept, and all works when it is cured.
 */
@Timeout(120)
@Rounds
class RefusedSavesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Texts that a program has closed, and that are in no other place. */
  private static final List<String> CLOSED =
      List.of("overwritten", "synced", "Text", "field", "appended", "new");

  @RegisterExtension final Workplace place = new Workplace();

  /** Why changes are refused. */
  enum Illness {
    NOT_PERMITTED(
        "EACCES", "ACL SETUSER", "ACL SETUSER default -@write", "ACL SETUSER default +@write"),
    OUT_OF_MEMORY("ENOSPC", "maxmemory", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    REPLICA("EROFS", "master", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
    DISK("EROFS", "log", "BGSAVE", "CONFIG SET stop-writes-on-bgsave-error no") {
      @Override
      void begin(Jedis client) {
        // What it would save to is a directory.
        try {
          Files.createDirectory(
              Path.of(client.configGet("dir").get("dir"))
                  .resolve(client.configGet("dbfilename").get("dbfilename")));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        client.configSet("save", "3600 1");
        super.begin(client);
        await()
            .atMost(SOON)
            .until(() -> client.info("persistence").contains("rdb_last_bgsave_status:err"));
      }
    },
    TOO_FEW_REPLICAS(
        "EROFS",
        "min-replicas-to-write",
        "CONFIG SET min-replicas-to-write 2",
        "CONFIG SET min-replicas-to-write 0");

    private final String errno;
    private final String cure;
    private final String beginning;
    private final String end;

    Illness(String errno, String cure, String beginning, String end) {
      this.errno = errno;
      this.cure = cure;
      this.beginning = beginning;
      this.end = end;
    }

    void begin(Jedis client) {
      send(client, beginning);
    }

    void end(Jedis client) {
      send(client, end);
    }

    boolean isOfSingleServer() {
      return this == REPLICA || this == DISK;
    }

    private static void send(Jedis client, String command) {
      String[] words = command.split(" ");
      client.sendCommand(
          () -> SafeEncoder.encode(words[0]), Arrays.copyOfRange(words, 1, words.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostAndTheErrorSaysWhatToDo(Illness illness) {
    assumeThat(Redis.isCluster() && illness.isOfSingleServer())
        .as("no node of a cluster can be made a replica of nobody, and each has a disk")
        .isFalse();
    Redis redis = place.redis();
    redis.with(
        client -> {
          List.of("a", "b", "s", "p", "e", "r").forEach(key -> client.set(key, "text"));
          client.hset("hash", Map.of("f", "first", "g", "second"));
        });
    Keyspace before = redis.keyspace();
    Mount mount = place.mount(redis);
    redis.with(illness::begin);

    Map<String, String> outcomes = changeAll(mount);

    boolean frees = illness == Illness.OUT_OF_MEMORY;
    assertThat(outcomes.remove("read")).as("reading").isEqualTo("ok");
    assertThat(outcomes.remove("unlink"))
        .as("removing, which a full server is glad of")
        .isEqualTo(frees ? "ok" : illness.errno);
    assertThat(outcomes)
        .hasSize(10)
        .allSatisfy((way, how) -> assertThat(how).isEqualTo(illness.errno));
    if (frees) {
      before.keys().remove(Bytes.utf8("b"));
    }
    assertThat(redis.keyspace()).isEqualTo(before);
    assertThat(List.of(mount.daemon().err().split("\n")))
        .filteredOn(line -> line.contains("could not be saved"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).contains(illness.cure));
    assertThat(mount.daemon().err())
        .as("what nobody has looked for")
        .doesNotContain("found something");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(place.keptContents()).as("what is kept").containsAll(CLOSED));

    assertThat(place.shell(mount).run("cat r~")).as("not renamed").isEqualTo("replaced");

    redis.with(illness::end);
    place.shell(mount).run("printf again > a; printf anew > hash.f; mkdir d; echo x > d/new");
    assertThat(redis.get("a")).isEqualTo("again");
    assertThat(redis.get("hash", "f")).isEqualTo("anew");
    assertThat(redis.get("d:new")).isEqualTo("x\n");
  }

  private Map<String, String> changeAll(Mount mount) {
    return place
        .shell()
        .run("python3 " + place.script("refused.py") + " " + mount.path())
        .lines()
        .map(line -> line.split(" "))
        .collect(
            Collectors.toMap(
                words -> words[0], words -> words[1], (a, b) -> a, LinkedHashMap::new));
  }
}
