package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.redis.ClusterSet;
import io.redisfuse.backend.redis.RedisServer;
import io.redisfuse.backend.redis.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A mount on a cluster of three masters and three replicas: what only such a mount does. With
 * {@code -Dredisfuse.cluster=true} the other tests of mounts use a cluster, too.
 */
@Timeout(300)
@Rounds
class ClusterIT {

  /** Beside those that are written to. */
  private static final int MOVED_SLOTS = 40;

  private static final int FILES = 20;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** A save is of several calls, each with the limit, on a machine that may be busy. */
  private static final Duration BOUND = LIMIT.multipliedBy(3).plusSeconds(5);

  @RegisterExtension final Workplace place = new Workplace();
  private ClusterSet cluster;

  @BeforeEach
  void startCluster() {
    cluster = ClusterSet.replicated(3);
    place.onClose(cluster::close);
  }

  private Mount mount(String... options) {
    List<String> all = new ArrayList<>(List.of("--timeout", LIMIT.toSeconds() + "s"));
    all.addAll(List.of(options));
    return place.mountUri(cluster.uri(), all.toArray(String[]::new));
  }

  @Test
  void nothingIsLostWhileSlotsMoveAndAMasterIsKilled() {
    Mount mount = mount("--durability", "replicas:1", "--sync-on-close").expectingErrors();
    Workload workload = Workload.start(place, mount);
    workload.awaitMore(10);

    moveSlotsOf(workload.keys());
    workload.awaitMore(10);

    RedisServer old = cluster.ownerOf(workload.keys().get(0));
    RedisServer next = cluster.replicaOf(old);
    old.kill();
    cluster.awaitMaster(next);
    // Nothing replicates what the new master has, so that no save is said to have succeeded of what
    // it has; others are not kept from theirs.
    BitSet slots = ClusterSet.slotsOf(next);
    workload.awaitMore(5, key -> !slots.get(ClusterSet.slot(key)));
    old.restart();
    cluster.awaitReplica(old);
    long replicated = System.nanoTime() / 1_000_000;
    workload.awaitMore(10);
    Duration resumed = Duration.ofMillis(workload.firstSavedAfter(replicated) - replicated);

    workload.requireNothingLost(key -> cluster.cli("GET", key), BOUND);
    System.out.printf(
        "ClusterIT: saves went on %d ms after the new master was replicated; %s%n",
        resumed.toMillis(), workload);
    assertThat(resumed).isLessThan(SOON);
    followsChangesAt(next, mount);
  }

  private void moveSlotsOf(List<String> keys) {
    RedisServer from = cluster.ownerOf(keys.get(1));
    RedisServer to =
        cluster.masters().stream().filter(each -> each != from).findFirst().orElseThrow();
    BitSet slots = ClusterSet.slotsOf(from);
    List<Integer> written =
        keys.stream().map(ClusterSet::slot).filter(slots::get).distinct().toList();
    written.forEach(slots::clear);
    IntStream.concat(
            written.stream().mapToInt(Integer::intValue), slots.stream().limit(MOVED_SLOTS))
        .forEach(slot -> cluster.move(slot, from, to));
    assertThat(cluster.ownerOf(keys.get(1))).isEqualTo(to);
  }

  @Test
  void theKeysOfAllNodesAreOneTree() throws IOException {
    Mount mount = mount();
    Shell shell = place.shell(mount);
    shell.run("mkdir one; for i in {1..%d}; do echo text $i > one/file$i; done".formatted(FILES));
    assertThat(cluster.masters())
        .allSatisfy(master -> assertThat(Integer.parseInt(master.cli("DBSIZE"))).isGreaterThan(1));
    assertThat(shell.run("ls one | wc -l; grep -rl 'text 1' one | wc -l").split("\\s+"))
        .containsExactly(String.valueOf(FILES), "11");

    shell
        .attempt("python3 -c 'import os; os.rename(\"one\", \"two\")'")
        .requireFailure("Invalid cross-device link");
    shell.run("mv one two; mv two/file3 two/renamed; rm two/file4; test ! -e one");
    assertThat(cluster.cli("GET", "two:renamed")).isEqualTo("text 3");
    assertThat(cluster.cli("EXISTS", "two:file3")).isEqualTo("0");
    assertThat(shell.run("cat two/* | sort | uniq | wc -l").strip())
        .isEqualTo(String.valueOf(FILES - 1));
    assertThat(shell.run("rm -r two; ls -A")).isEmpty();

    for (RedisServer master : cluster.masters()) {
      followsChangesAt(master, mount);
    }
  }

  private static void followsChangesAt(RedisServer master, Mount mount) {
    BitSet slots = ClusterSet.slotsOf(master);
    String key =
        IntStream.range(0, Integer.MAX_VALUE)
            .mapToObj(number -> "live" + number)
            .filter(name -> slots.get(ClusterSet.slot(name)))
            .findFirst()
            .orElseThrow();
    Path file = mount.resolve(key);
    assertThat(file).doesNotExist();
    for (String text : List.of("one", "another")) {
      master.cli("SET", key, text);
      await().atMost(SOON).until(() -> Files.exists(file) && Files.readString(file).equals(text));
    }
    master.cli("DEL", key);
    await().atMost(SOON).until(() -> Files.notExists(file));
  }
}
