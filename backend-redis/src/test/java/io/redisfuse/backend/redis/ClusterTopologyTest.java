package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.redis.ClusterOpinion.Master;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

/** What is believed of what nodes say, without any node. */
final class ClusterTopologyTest {

  private static final HostAndPort A = new HostAndPort("a", 1);
  private static final HostAndPort B = new HostAndPort("b", 1);

  private final ScheduledExecutorService clock = RedisBackend.clock();
  private final ClusterTopology topology =
      new ClusterTopology(
          new Dialer(RedisOptions.of("redis-cluster://a:1")), Duration.ofSeconds(1), clock);

  @AfterEach
  void close() {
    topology.close();
    clock.shutdownNow();
  }

  private void says(HostAndPort who, Master... masters) {
    topology.learn(new ClusterOpinion(who, List.of(masters), Set.of(), Set.of()));
  }

  private static Master master(HostAndPort address, long epoch, int... slots) {
    BitSet all = new BitSet();
    for (int slot : slots) {
      all.set(slot);
    }
    return new Master(address, epoch, all, /* isDown= */ false);
  }

  private List<HostAndPort> masters() {
    return addresses(topology.masters());
  }

  private static List<HostAndPort> addresses(Collection<ClusterNode> nodes) {
    return nodes.stream().map(ClusterNode::address).toList();
  }

  @Test
  void ofTwoWhoClaimASlotTheYoungerClaimIsBelieved() {
    says(A, master(A, 1, 5));
    ClusterNode old = topology.owner(5).orElseThrow();

    says(B, master(B, 2, 5));
    says(A, master(A, 1, 5));

    assertThat(topology.owner(5).map(ClusterNode::address)).contains(B);
    assertThat(old.isRetired()).isTrue();
    assertThat(masters()).containsExactly(B);
  }

  @Test
  void aNodeWithoutSlotsIsAMasterByItsOwnWordOnly() {
    List<List<HostAndPort>> told = new ArrayList<>();
    topology.tell(now -> told.add(addresses(now)));

    says(A, master(A, 1, 5), master(B, 0));
    assertThat(masters()).containsExactly(A);
    says(B, master(A, 1, 5), master(B, 0));
    assertThat(masters()).containsExactlyInAnyOrder(A, B);
    assertThat(told.get(told.size() - 1)).containsExactlyInAnyOrder(A, B);
    says(A, master(A, 1, 5), master(B, 0));
    assertThat(masters()).containsExactlyInAnyOrder(A, B);

    says(B, master(A, 1, 5));
    assertThat(masters()).containsExactly(A);
  }

  @Test
  void whoeverIsSentToIsAMasterAndHeard() {
    says(A, master(A, 1, 5));
    List<List<HostAndPort>> told = new ArrayList<>();
    topology.tell(now -> told.add(addresses(now)));

    topology.receiver(B);
    says(A, master(A, 1, 5), master(B, 0));

    assertThat(masters()).containsExactlyInAnyOrder(A, B);
    assertThat(told.get(told.size() - 1)).containsExactlyInAnyOrder(A, B);
  }

  @Test
  void whatIsToBeWaitedForGoesAlongWithItsSlot() {
    says(A, master(A, 1, 5, 6), master(B, 2, 7));
    ClusterNode from = topology.owner(5).orElseThrow();
    from.committed(5);
    from.committed(6);

    says(B, master(A, 1, 6), master(B, 3, 5, 7));

    assertThat(from.owed()).containsExactly(6);
    assertThat(topology.owner(5).orElseThrow().owed()).containsExactly(5);
    assertThat(topology.takeEndangered(slot -> true)).isEmpty();
  }

  @Test
  void whatAMasterThatWasReplacedHadAppliedIsToldOnceForEachSlot() throws Exception {
    says(A, master(A, 1, 5, 6, 7));
    ClusterNode old = topology.owner(5).orElseThrow();
    old.committed(7);
    old.synced(old.commits());
    Thread others = new Thread(() -> List.of(5, 6).forEach(old::committed));
    others.start();
    others.join();

    says(B, master(B, 2, 5, 6, 7));

    assertThat(topology.takeEndangered(slot -> slot == 7)).isEmpty();
    assertThat(topology.takeEndangered(slot -> slot == 5)).contains(old);
    assertThat(topology.takeEndangered(slot -> slot == 5)).isEmpty();
    assertThat(topology.takeEndangered(slot -> true)).contains(old);
    assertThat(topology.takeEndangered(slot -> true)).isEmpty();
  }

  @Test
  void whoseLastCommitMayBeLostIsToldThoughAnotherWas() throws Exception {
    says(A, master(A, 1, 5));
    topology.owner(5).orElseThrow().committed(5);
    says(B, master(B, 2, 5));
    Thread another = new Thread(() -> topology.takeEndangered(slot -> true));
    another.start();
    another.join();

    assertThat(topology.takeEndangered(slot -> slot == 6)).isEmpty();
    assertThat(topology.takeEndangered(slot -> slot == 5)).isPresent();
    assertThat(topology.takeEndangered(slot -> slot == 5)).isEmpty();
  }
}
