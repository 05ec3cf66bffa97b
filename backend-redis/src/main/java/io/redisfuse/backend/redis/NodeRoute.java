package io.redisfuse.backend.redis;

import java.util.function.Function;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Leads to one node of a cluster, as long as it is a master. When it is not any more, or has not
 * all of the keys that it is asked for, that ends with {@link Scattered}.
 */
final class NodeRoute implements Route {

  /** The keys are not where they were thought to be. Never leaves this package. */
  static final class Scattered extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Scattered(Throwable cause) {
      super(
          "keys are elsewhere",
          cause,
          /* enableSuppression= */ false,
          /* writableStackTrace= */ false);
    }
  }

  private final ClusterNode node;
  private final ClusterTopology topology;

  NodeRoute(ClusterNode node, ClusterTopology topology) {
    this.node = node;
    this.topology = topology;
  }

  @Override
  public <T> T use(Deadline deadline, Function<Wire, T> work) {
    requireInOffice();
    return node.connections().use(deadline, work);
  }

  @Override
  public void lost() {
    topology.lookSoon();
    node.connections().lost();
    requireInOffice();
  }

  @Override
  public boolean leadsOn(JedisDataException refusal) {
    if (refusal instanceof JedisRedirectionException) {
      topology.lookSoon();
      throw new Scattered(refusal);
    }
    topology.lookSoon();
    return node.connections().leadsOn(refusal);
  }

  @Override
  public String address() {
    return node.connections().address();
  }

  private void requireInOffice() {
    if (node.isRetired()) {
      throw new Scattered(/* cause= */ null);
    }
  }
}
