package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.conflicts.KeptText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;

/**
 * A server that answers, but takes no changes: each call says so with a fitting errno, the log says
 * what to do, Redis holds what it held, what was not saved is kept, and all works when it is cured.
 */
@Timeout(120)
class RefusedSavesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Texts that a program has closed, and that are in no other place. */
  private static final List<String> CLOSED =
      List.of("overwritten", "synced", "Text", "field", "appended", "new");

  @RegisterExtension final Workplace place = new Workplace();

  /** Why changes are refused. */
  enum Illness {
    NOT_PERMITTED("EACCES", "ACL SETUSER") {
      @Override
      void begin(Jedis client) {
        client.aclSetUser("default", "-@write");
      }

      @Override
      void end(Jedis client) {
        client.aclSetUser("default", "+@write");
      }
    },
    OUT_OF_MEMORY("ENOSPC", "maxmemory") {
      @Override
      void begin(Jedis client) {
        client.configSet("maxmemory", "1");
      }

      @Override
      void end(Jedis client) {
        client.configSet("maxmemory", "0");
      }
    },
    REPLICA("EROFS", "master") {
      @Override
      void begin(Jedis client) {
        client.replicaof("127.0.0.1", 1);
      }

      @Override
      void end(Jedis client) {
        client.replicaofNoOne();
      }
    },
    DISK("EROFS", "log") {
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
        client.bgsave();
        await()
            .atMost(SOON)
            .until(() -> client.info("persistence").contains("rdb_last_bgsave_status:err"));
      }

      @Override
      void end(Jedis client) {
        client.configSet("save", "");
      }
    },
    TOO_FEW_REPLICAS("EROFS", "min-replicas-to-write") {
      @Override
      void begin(Jedis client) {
        client.configSet("min-replicas-to-write", "2");
      }

      @Override
      void end(Jedis client) {
        client.configSet("min-replicas-to-write", "0");
      }
    };

    private final String errno;
    private final String cure;

    Illness(String errno, String cure) {
      this.errno = errno;
      this.cure = cure;
    }

    abstract void begin(Jedis client);

    abstract void end(Jedis client);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostAndTheErrorSaysWhatToDo(Illness illness) {
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
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(kept()).as("what is kept").containsAll(CLOSED));

    assertThat(place.shell(mount).run("cat r~")).as("not renamed").isEqualTo("replaced");

    redis.with(illness::end);
    place.shell(mount).run("printf again > a; printf anew > hash.f; mkdir d; echo x > d/new");
    assertThat(redis.get("a")).isEqualTo("again");
    assertThat(redis.get("hash", "f")).isEqualTo("anew");
    assertThat(redis.get("d:new")).isEqualTo("x\n");
  }

  private Map<String, String> changeAll(Mount mount) {
    Path script = place.directory().resolve("refused.py");
    try (InputStream resource = RefusedSavesIT.class.getResourceAsStream("refused.py")) {
      Files.copy(resource, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return place
        .shell()
        .run("python3 " + script + " " + mount.path())
        .lines()
        .map(line -> line.split(" "))
        .collect(
            Collectors.toMap(
                words -> words[0], words -> words[1], (a, b) -> a, LinkedHashMap::new));
  }

  private List<String> kept() throws IOException {
    return place.keptTexts().stream().map(RefusedSavesIT::text).toList();
  }

  private static String text(KeptText kept) {
    try {
      return Files.readString(kept.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
