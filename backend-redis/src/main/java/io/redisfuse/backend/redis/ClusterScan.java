package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.KeyVisitor;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A scan of all masters, that misses no key that moves from one to another meanwhile.
 *
 * <p>A key that was moved during a round may have been missed in it: the node that it came from was
 * scanned too late, the one that it went to too early. So the nodes that received slots in a round,
 * or were receiving single keys of one, are scanned once more; until a round in which nothing
 * moved. A slot that stays half moved for ever needs that only once: its keys go in one direction.
 */
final class ClusterScan {

  private static final Duration PAUSE = Duration.ofMillis(50);

  /** What a master says of itself. */
  private record Claim(long epoch, BitSet slots, Set<Integer> importing) {

    /** Whether it may have received keys since it said that. */
    boolean mayHaveReceived(Claim now) {
      BitSet added = (BitSet) now.slots.clone();
      added.andNot(slots);
      return now.epoch != epoch || !added.isEmpty() || !importing.containsAll(now.importing);
    }
  }

  private final ClusterTopology topology;
  private final Function<ClusterNode, Part> parts;
  private final Bytes prefix;
  private final KeyVisitor visitor;
  private final Duration patience;

  /**
   * A scan.
   *
   * @param parts what can be asked of one node
   * @param patience how long the nodes may disagree about who is master
   */
  ClusterScan(
      ClusterTopology topology,
      Function<ClusterNode, Part> parts,
      Bytes prefix,
      KeyVisitor visitor,
      Duration patience) {
    this.topology = topology;
    this.parts = parts;
    this.prefix = prefix;
    this.visitor = visitor;
    this.patience = patience;
  }

  void run() {
    Map<ClusterNode, Claim> before = survey();
    Set<ClusterNode> next = new HashSet<>(before.keySet());
    Set<ClusterNode> receiving = receiving(before);
    while (!next.isEmpty()) {
      for (ClusterNode node : next) {
        if (!scan(node)) {
          return;
        }
      }
      Map<ClusterNode, Claim> after = survey();
      next = receivers(before, after);
      next.addAll(receiving);
      receiving = Set.of();
      before = after;
    }
  }

  private static Set<ClusterNode> receiving(Map<ClusterNode, Claim> claims) {
    Set<ClusterNode> receiving = new HashSet<>(claims.keySet());
    receiving.removeIf(node -> claims.get(node).importing().isEmpty());
    return receiving;
  }

  private static Set<ClusterNode> receivers(
      Map<ClusterNode, Claim> before, Map<ClusterNode, Claim> after) {
    Set<ClusterNode> receivers = new HashSet<>(after.keySet());
    receivers.removeIf(
        node -> before.containsKey(node) && !before.get(node).mayHaveReceived(after.get(node)));
    return receivers;
  }

  /** Returns whether the visitor wants to see more. */
  private boolean scan(ClusterNode node) {
    try {
      return parts.apply(node).keyspace().scan(prefix, visitor);
    } catch (NodeRoute.Scattered e) {
      // It is no master any more. Those that have its slots now have received them.
      return true;
    }
  }

  /** What all masters say of themselves. */
  private Map<ClusterNode, Claim> survey() {
    Deadline deadline = Deadline.after(patience);
    while (true) {
      try {
        Map<ClusterNode, Claim> claims = new HashMap<>();
        for (ClusterNode node : topology.masters()) {
          claims.put(node, claim(node));
        }
        return claims;
      } catch (NodeRoute.Scattered e) {
        // Another node is master now: it is asked instead.
        if (deadline.hasPassed()) {
          throw new BackendUnavailableException(
              "The nodes of the cluster at "
                  + topology.address()
                  + " do not agree who of them is a master, so its keys cannot be listed; see"
                  + " CLUSTER NODES of each.",
              e);
        }
        topology.lookSoon();
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private Claim claim(ClusterNode node) {
    ClusterOpinion opinion =
        parts
            .apply(node)
            .calls()
            .repeat(
                "run CLUSTER SLOTS and CLUSTER NODES",
                wire -> {
                  List<Object> replies = wire.ask(ClusterOpinion.questions());
                  replies.forEach(Fact::requireAnswer);
                  return ClusterOpinion.of(node.address(), replies);
                });
    topology.learn(opinion);
    return opinion
        .own()
        .map(own -> new Claim(own.epoch(), own.slots(), opinion.importing()))
        .orElseThrow(() -> new NodeRoute.Scattered(/* cause= */ null));
  }
}
