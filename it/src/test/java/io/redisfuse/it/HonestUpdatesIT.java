package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.redis.ClusterSet;
import io.redisfuse.backend.redis.Figures;
import io.redisfuse.backend.redis.RedisServer;
import io.redisfuse.backend.redis.Rounds;
import io.redisfuse.backend.redis.SentinelSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Processes on two mounts all read a number and save the next one, while the way to the server
 * fails or another server takes its place: the number at the end counts those who were told that
 * they had saved, and some of those who were told that nobody knows.
 */
@Timeout(1800)
@Rounds
class HonestUpdatesIT {

  private static final List<String> WAYS = List.of("truncate", "in_place", "renamed_scratch");

  /** Among them one that moves a key over slots. */
  private static final List<String> WAYS_ON_CLUSTER =
      List.of("truncate", "renamed", "renamed_scratch");

  /** How many each process saves; with {@code -Dredisfuse.all=true}, 400. */
  private static final int EACH = Saves.count(15, 400);

  private static final int PROCESSES_OF_A_MOUNT = 3;
  private static final int ONE_IN = 60;
  private static final Duration SOON = Duration.ofSeconds(20);

  /** What who did not save may be told: that another was faster, or that it is not known. */
  private static final Set<String> HONEST = Set.of("EBUSY", "EIO");

  @RegisterExtension final Workplace place = new Workplace();
  private String test;

  @BeforeEach
  void take(TestInfo info) {
    test = Figures.nameOf(info);
  }

  @Test
  void throughALinkThatFails() {
    assumeThat(Redis.isCluster()).as("the link leads to one server").isFalse();
    long seed = ThreadLocalRandom.current().nextLong();
    Redis redis = place.redis();
    try (FlakyLink link = new FlakyLink(redis.port(), seed)) {
      List<Mount> mounts = mounts(link.uri());
      redis.with(client -> client.set("n", number(0)));
      link.fail(ONE_IN);

      List<CompletableFuture<Shell.Outcome>> processes = start(mounts, WAYS);
      List<String> outcomes = end(processes);
      link.fail(0);

      String what = "seed " + seed + ", faults " + link.happened();
      requireHonest(what, outcomes, () -> redis.get("n"));
      assertThat(link.happened().values().stream().mapToInt(Number::intValue).sum())
          .as("faults")
          .isPositive();
    }
  }

  @Test
  void whileTheMasterIsKilled() {
    SentinelSet set = SentinelSet.start();
    place.onClose(set::close);
    List<Mount> mounts = mounts(set.uri(), "--durability", "replicas:1", "--sync-on-close");
    set.master().cli("SET", "n", number(0));

    List<CompletableFuture<Shell.Outcome>> processes = start(mounts, WAYS);
    RedisServer old = set.master();
    await().atMost(SOON).until(() -> !old.cli("GET", "n").equals(number(0)));
    old.kill();
    set.awaitOtherThan(old);
    old.restart();
    set.awaitReplica(old);
    List<String> outcomes = end(processes);

    String states =
        set.servers().stream()
            .map(
                server ->
                    server.port()
                        + ": "
                        + server.cli("GET", "n")
                        + " "
                        + server.cli("ROLE").lines().toList())
            .toList()
            .toString();
    requireHonest(
        "the master was killed: " + old.port() + ", " + states,
        outcomes,
        () -> set.master().cli("GET", "n"));
  }

  /** ClusterIT has a workload each time on which both happens. */
  @Test
  @EnabledIfSystemProperty(named = "redisfuse.all", matches = "true")
  void whileTheSlotMovesAndItsMasterIsKilled() {
    ClusterSet set = ClusterSet.replicated(3);
    place.onClose(set::close);
    List<Mount> mounts = mounts(set.uri(), "--durability", "replicas:1", "--sync-on-close");
    set.cli("SET", "n", number(0));

    List<CompletableFuture<Shell.Outcome>> processes = start(mounts, WAYS_ON_CLUSTER);
    RedisServer from = set.ownerOf("n");
    RedisServer old =
        set.masters().stream().filter(master -> master != from).findFirst().orElseThrow();
    RedisServer next = set.replicaOf(old);
    await().atMost(SOON).until(() -> !from.cli("GET", "n").equals(number(0)));
    set.move(ClusterSet.slot("n"), from, old);
    String moved = old.cli("GET", "n");
    await().atMost(SOON).until(() -> !old.cli("GET", "n").equals(moved));
    old.kill();
    set.awaitMaster(next);
    old.restart();
    set.awaitReplica(old);

    requireHonest(
        "the slot moved, and its master was killed", end(processes), () -> set.cli("GET", "n"));
  }

  private List<Mount> mounts(String uri, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--timeout", "2s"));
    return IntStream.range(0, 2)
        .mapToObj(i -> place.mountUri(uri, all.toArray(String[]::new)).expectingErrors())
        .toList();
  }

  private List<CompletableFuture<Shell.Outcome>> start(List<Mount> mounts, List<String> ways) {
    Saves saves = new Saves(place);
    List<CompletableFuture<Shell.Outcome>> processes = new ArrayList<>();
    for (Mount mount : mounts) {
      for (int i = 0; i < PROCESSES_OF_A_MOUNT; i++) {
        processes.add(saves.start("outcomes", mount.resolve("n"), ways.get(i), EACH));
      }
    }
    return processes;
  }

  /** What became of each save: a number, how it ended, and after how many milliseconds. */
  private static List<String> end(List<CompletableFuture<Shell.Outcome>> processes) {
    return processes.stream()
        .flatMap(process -> process.join().requireSuccess().out().lines())
        .toList();
  }

  private void requireHonest(String what, List<String> outcomes, Supplier<String> last) {
    Map<Integer, List<String>> byNumber = new TreeMap<>();
    long longest = 0;
    for (String line : outcomes) {
      String[] words = line.split(" ");
      byNumber.computeIfAbsent(Integer.valueOf(words[0]), n -> new ArrayList<>()).add(words[1]);
      longest = Math.max(longest, Long.parseLong(words[2]));
    }
    int end = Integer.parseInt(last.get());
    Set<Integer> saved = new TreeSet<>();
    byNumber.forEach(
        (number, hows) -> {
          if (hows.contains("saved")) {
            saved.add(number);
          }
        });
    Set<Integer> unknown =
        IntStream.rangeClosed(1, end)
            .filter(number -> !saved.contains(number))
            .boxed()
            .collect(Collectors.toCollection(TreeSet::new));
    int failed = outcomes.size() - saved.size() - unknown.size();
    new Figures(
            test, saved.size(), failed, unknown.size(), Duration.ofMillis(longest), Duration.ZERO)
        .write();
    System.out.printf(
        "HonestUpdatesIT: %s: %d saved, %d not known to be, of %d tries; the last is %d%n",
        what, saved.size(), unknown.size(), outcomes.size(), end);

    byNumber.forEach(
        (number, hows) -> {
          List<String> failures = new ArrayList<>(hows);
          failures.remove("saved");
          assertThat(HONEST).as("%d: %s; %s", number, hows, what).containsAll(failures);
        });
    assertThat(unknown)
        .allSatisfy(
            number ->
                assertThat(byNumber.get(number))
                    .as(
                        "what was said of %d, which nobody was told to have saved; %s",
                        number, what)
                    .isNotNull()
                    .contains("EIO"));
    assertThat(saved)
        .as("numbers that were saved, once each; %s", what)
        .hasSize(2 * PROCESSES_OF_A_MOUNT * EACH)
        .allSatisfy(number -> assertThat(number).isLessThanOrEqualTo(end));
    assertThat(saved.size() + unknown.size()).isEqualTo(end);
  }

  private static String number(int number) {
    return "%012d".formatted(number);
  }
}
