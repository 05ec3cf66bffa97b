package io.redisfuse.backend.redis;

import java.util.Optional;
import java.util.function.Function;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * Leads to whichever node has a slot, at each use anew. While a slot moves from one node to
 * another, the former sends on who asks for a key that is not there (any more): the next use goes
 * to the latter, and says that it was sent.
 *
 * <p>Of one call, so not safe for threads.
 */
final class SlotRoute implements Route {

  private final ClusterTopology topology;
  private final int slot;

  /** Who was used last. */
  private Optional<ClusterNode> last = Optional.empty();

  /** Where the last use was sent. */
  private Optional<HostAndPort> sent = Optional.empty();

  SlotRoute(int slot, ClusterTopology topology) {
    this.slot = slot;
    this.topology = topology;
  }

  @Override
  public <T> T use(Deadline deadline, Function<Wire, T> work) {
    Optional<ClusterNode> receiver = sent.map(topology::receiver);
    sent = Optional.empty();
    if (receiver.isPresent()) {
      last = receiver;
      return use(
          receiver.get(),
          deadline,
          wire -> {
            wire.saysItWasSent();
            return work.apply(wire);
          });
    }
    ClusterNode owner =
        topology
            .owner(slot)
            .orElseThrow(
                () -> new JedisConnectionException("no node has slot " + slot + " of the cluster"));
    last = Optional.of(owner);
    return use(owner, deadline, work);
  }

  private <T> T use(ClusterNode node, Deadline deadline, Function<Wire, T> work) {
    return node.connections()
        .use(
            deadline,
            wire -> {
              wire.onCommit(() -> node.committed(slot));
              return work.apply(wire);
            });
  }

  @Override
  public Optional<Integer> slot() {
    return Optional.of(slot);
  }

  @Override
  public void lost() {
    topology.lookSoon();
    last.ifPresent(node -> node.connections().lost());
  }

  @Override
  public boolean leadsOn(JedisDataException refusal) {
    if (refusal instanceof JedisAskDataException ask) {
      sent = Optional.of(complete(ask.getTargetNode()));
      return true;
    }
    topology.lookSoon();
    if (refusal instanceof JedisMovedDataException moved) {
      last.ifPresent(node -> topology.moved(slot, node, complete(moved.getTargetNode())));
      return true;
    }
    return last.isPresent() && last.get().connections().leadsOn(refusal);
  }

  /** A node that does not know its own host leaves it away. */
  private HostAndPort complete(HostAndPort said) {
    return said.getHost() == null || said.getHost().isEmpty()
        ? new HostAndPort(last.orElseThrow().address().getHost(), said.getPort())
        : said;
  }

  @Override
  public String address() {
    return last.or(() -> topology.owner(slot))
        .map(node -> node.connections().address())
        .orElseGet(topology::address);
  }
}
