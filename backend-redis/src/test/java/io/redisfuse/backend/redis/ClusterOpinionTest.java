package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.redis.ClusterOpinion.Master;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

/** How the answers of nodes are read. */
final class ClusterOpinionTest {

  private static final HostAndPort ASKED = new HostAndPort("asked", 7000);

  /** What CLUSTER NODES says of one node, but for the moments of its pings. */
  private static String line(
      String id, String address, String flags, String master, int epoch, String slots) {
    return "%s %s %s %s 0 1426238317239 %d connected%s\n"
        .formatted(id, address, flags, master, epoch, slots.isEmpty() ? "" : " " + slots);
  }

  /** What CLUSTER SLOTS says of one range that only a master has. */
  private static List<Object> range(long first, long last, String host, long port, String id) {
    List<Object> node = List.of(host.getBytes(UTF_8), port, id.getBytes(UTF_8), List.of());
    return List.of(first, last, node);
  }

  private static ClusterOpinion opinion(List<List<Object>> slots, String... nodes) {
    return ClusterOpinion.of(ASKED, List.of(slots, String.join("", nodes).getBytes(UTF_8)));
  }

  @Test
  void mastersHaveSlotsAndReplicasAreOthers() {
    ClusterOpinion opinion =
        opinion(
            List.of(),
            line("a1", "10.0.0.1:7000@17000", "myself,master", "-", 3, "0-5 7 9-10"),
            line("b2", "10.0.0.2:7000@17000,name", "master", "-", 4, "6 8"),
            line("c3", "10.0.0.3:7000@17000", "slave", "a1", 3, ""));

    assertThat(opinion.masters()).hasSize(2);
    Master own = opinion.own().orElseThrow();
    assertThat(own.address()).isEqualTo(new HostAndPort("10.0.0.1", 7000));
    assertThat(own.epoch()).isEqualTo(3);
    assertThat(own.slots().stream()).containsExactly(0, 1, 2, 3, 4, 5, 7, 9, 10);
    assertThat(opinion.masters().get(1).slots().stream()).containsExactly(6, 8);
    assertThat(opinion.others()).containsExactly(new HostAndPort("10.0.0.3", 7000));
  }

  @Test
  void aReplicaIsNoMasterByItsOwnWord() {
    ClusterOpinion opinion =
        opinion(
            List.of(),
            line("a1", "10.0.0.1:7000@17000", "master", "-", 3, "0-16383"),
            line("c3", "10.0.0.3:7000@17000", "myself,slave", "a1", 3, ""));

    assertThat(opinion.own()).isEmpty();
    assertThat(opinion.myself()).isEqualTo(new HostAndPort("10.0.0.3", 7000));
  }

  @Test
  void anAddressIsTheOneByWhichTheNodeWantsToBeSpokenTo() {
    ClusterOpinion opinion =
        opinion(
            List.of(range(0, 16_383, "one.example", 7443, "a1")),
            line("a1", "10.0.0.1:7000@17000", "myself,master", "-", 3, "0-16383"));

    assertThat(opinion.myself()).isEqualTo(new HostAndPort("one.example", 7443));
    assertThat(opinion.own()).isPresent();
  }

  @Test
  void whoDoesNotKnowHisOwnHostIsWhereHeWasAsked() {
    String node = line("a1", ":7001@17001", "myself,master", "-", 0, "0-16383");

    assertThat(opinion(List.of(), node).myself()).isEqualTo(new HostAndPort("asked", 7001));
    assertThat(opinion(List.of(range(0, 16_383, "", 7443, "a1")), node).myself())
        .isEqualTo(new HostAndPort("asked", 7443));
    assertThat(opinion(List.of(range(0, 16_383, "?", 7443, "a1")), node).myself())
        .isEqualTo(new HostAndPort("asked", 7001));
  }

  @Test
  void whoIsNotKnownYetOrAnyMoreIsLeftOut() {
    ClusterOpinion opinion =
        opinion(
            List.of(),
            line("a1", "10.0.0.1:7000@17000", "myself,master", "-", 3, "0-16383"),
            line("d4", "10.0.0.4:7000@17000", "handshake", "-", 0, ""),
            line("e5", ":0@0", "master,noaddr", "-", 1, ""));

    assertThat(opinion.masters()).hasSize(1);
    assertThat(opinion.others()).isEmpty();
  }

  @Test
  void aMasterThatIsDownHasItsSlotsUntilAnotherHas() {
    ClusterOpinion opinion =
        opinion(
            List.of(),
            line("a1", "10.0.0.1:7000@17000", "master,fail", "-", 3, "0-5"),
            line("b2", "10.0.0.2:7000@17000", "master,fail", "-", 4, ""),
            line("c3", "10.0.0.3:7000@17000", "myself,master", "-", 5, "6-16383"));

    assertThat(opinion.masters()).extracting(Master::isDown).containsExactly(true, false);
    assertThat(opinion.others()).containsExactly(new HostAndPort("10.0.0.2", 7000));
  }

  @Test
  void slotsOnTheirWayAreNoSlotsAndReceivedOnesAreTold() {
    ClusterOpinion opinion =
        opinion(
            List.of(),
            line("a1", "10.0.0.1:7000@17000", "myself,master", "-", 3, "0-5 [4->-b2] [93-<-b2]"),
            line("b2", "10.0.0.2:7000@17000", "master", "-", 4, "6-16383"));

    assertThat(opinion.importing()).containsExactly(93);
    assertThat(opinion.own().orElseThrow().slots().stream()).containsExactly(0, 1, 2, 3, 4, 5);
  }
}
