package io.redisfuse.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.redisfuse.backend.redis.Figures;
import io.redisfuse.backend.redis.NetworkNamespace;
import io.redisfuse.backend.redis.RedisServer;
import io.redisfuse.backend.redis.Rounds;
import io.redisfuse.backend.redis.SentinelSet;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs save while the master is killed, stands still, comes back, or hands over. */
@Timeout(300)
@Rounds
class FailoverIT {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** A save is of several calls, each with the limit, on a machine that may be busy. */
  private static final Duration BOUND = LIMIT.multipliedBy(2).plusSeconds(5);

  @RegisterExtension final Workplace place = new Workplace();
  private String test;
  private SentinelSet set;
  private Mount mount;

  @BeforeEach
  void take(TestInfo info) {
    test = Figures.nameOf(info);
  }

  private void mount(SentinelSet servers) {
    set = servers;
    place.onClose(set::close);
    mount =
        place
            .mountUri(
                set.uri(),
                "--timeout",
                LIMIT.toSeconds() + "s",
                "--durability",
                "replicas:1",
                "--sync-on-close")
            .expectingErrors();
  }

  /** HonestUpdatesIT has it each time. */
  @Test
  @EnabledIfSystemProperty(named = "redisfuse.all", matches = "true")
  void theMasterIsKilled() {
    mount(SentinelSet.start());
    requireNothingLost(RedisServer::kill, RedisServer::restart);
  }

  @Test
  void theMasterStandsStillAndComesBack() {
    mount(SentinelSet.start());
    requireNothingLost(RedisServer::freeze, RedisServer::thaw);
  }

  /** Takes as long as a kill, and is the rarer one. */
  @Test
  @EnabledIfSystemProperty(named = "redisfuse.all", matches = "true")
  void theMasterHandsOver() {
    mount(SentinelSet.start());
    requireNothingLost(server -> set.failOver(), server -> {});
  }

  @Test
  void theMasterIsCutOffAndComesBack() {
    assumeTrue(NetworkNamespace.isPossible(), "this machine lets nobody make networks");
    NetworkNamespace network = NetworkNamespace.create();
    place.onClose(network::close);
    mount(SentinelSet.startApart(network));
    requireNothingLost(server -> network.cut(), server -> network.join());
  }

  private void requireNothingLost(Consumer<RedisServer> fault, Consumer<RedisServer> cure) {
    Workload workload = Workload.start(place, mount);
    workload.awaitMore(20);
    RedisServer old = set.master();

    fault.accept(old);
    RedisServer next = set.awaitOtherThan(old);
    long promoted = System.nanoTime() / 1_000_000;
    workload.awaitMore(5);
    long resumed = workload.firstSavedAfter(promoted);
    cure.accept(old);
    set.awaitReplica(old);
    workload.awaitMore(20);

    workload.requireNothingLost(key -> next.cli("GET", key), BOUND);
    workload.figures(test, Duration.ofMillis(resumed - promoted)).write();
    System.out.printf(
        "FailoverIT: saves went on %d ms after another server had become master; %s%n",
        resumed - promoted, workload);
  }
}
