package io.redisfuse.backend.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Asks the nodes of a cluster what they know of it: one after the other, each time the next one, so
 * that none is believed alone for long. It knows which nodes there are from what they say.
 *
 * <p>Safe for threads: one asks at a time.
 */
final class NodeInquiry implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeInquiry.class);

  /** So long a node may take to answer: there are others. */
  private static final Duration PATIENCE = Duration.ofMillis(700);

  /** So long a node that did not answer is asked only if no other does. */
  private static final Duration DISTRUST = Duration.ofSeconds(3);

  private final Dialer dialer;
  private final List<HostAndPort> seeds;

  /** All that can be asked, the next one first. Guarded by this, as are those below. */
  private final Set<HostAndPort> hosts;

  /** One to each node that was asked. */
  private final Map<HostAndPort, Connection> connections = new HashMap<>();

  /** Until when a node that did not answer is passed over. */
  private final Map<HostAndPort, Deadline> distrusted = new HashMap<>();

  private boolean closed;

  /** Who is to be asked out of turn. Not guarded, since who adds to it must not wait. */
  private final Queue<HostAndPort> next = new ConcurrentLinkedQueue<>();

  /** Of the cluster of which the address of the options names some nodes. */
  NodeInquiry(Dialer dialer) {
    this.dialer = dialer;
    this.seeds = dialer.options().address().hosts();
    this.hosts = new LinkedHashSet<>(seeds);
  }

  /**
   * What one node says, the next one that answers.
   *
   * @throws JedisDataException what a node answered instead, if none did better
   * @throws JedisConnectionException if none has answered by the deadline
   */
  synchronized ClusterOpinion ask(Deadline deadline) {
    Optional<JedisException> failure = Optional.empty();
    for (HostAndPort host : inTurn()) {
      try {
        ClusterOpinion opinion = opinion(host, deadline.orAfter(PATIENCE));
        distrusted.remove(host);
        learnHosts(opinion);
        // Another one is asked first next time.
        hosts.remove(host);
        hosts.add(host);
        return opinion;
      } catch (JedisException e) {
        log.debug("The node at {} does not answer.", host, e);
        distrusted.put(host, Deadline.after(DISTRUST));
        failure = failure.filter(JedisDataException.class::isInstance).or(() -> Optional.of(e));
      }
      if (deadline.hasPassed()) {
        break;
      }
    }
    throw failure.orElseThrow();
  }

  /** Asks this node as the next one, if it answers. Never waits. */
  void askNext(HostAndPort host) {
    next.add(host);
  }

  /** Those that did not answer lately come last. */
  private List<HostAndPort> inTurn() {
    distrusted.values().removeIf(Deadline::hasPassed);
    Set<HostAndPort> all = new LinkedHashSet<>();
    Optional.ofNullable(next.poll()).filter(hosts::contains).ifPresent(all::add);
    all.addAll(hosts);
    all.removeAll(distrusted.keySet());
    hosts.stream().filter(distrusted::containsKey).forEach(all::add);
    return List.copyOf(all);
  }

  private void learnHosts(ClusterOpinion opinion) {
    Set<HostAndPort> named = new HashSet<>(opinion.others());
    opinion.masters().forEach(master -> named.add(master.address()));
    hosts.addAll(named);
    named.addAll(seeds);
    hosts.retainAll(named);
    connections.keySet().stream()
        .filter(host -> !hosts.contains(host))
        .toList()
        .forEach(host -> Dialer.cut(connections.remove(host)));
  }

  private ClusterOpinion opinion(HostAndPort host, Deadline deadline) {
    if (closed) {
      throw new JedisConnectionException("closed");
    }
    Connection connection = connections.get(host);
    if (connection == null) {
      connection = dialer.dial(host, Connection::new, deadline, Optional.empty());
      connections.put(host, connection);
    }
    try {
      connection.setSoTimeout(deadline.millisLeft());
      List<Object> replies = new ArrayList<>();
      for (var question : ClusterOpinion.questions()) {
        replies.add(connection.executeCommand(question));
      }
      return ClusterOpinion.of(host, replies);
    } catch (JedisException e) {
      connections.remove(host);
      Dialer.cut(connection);
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    connections.values().forEach(Dialer::cut);
    connections.clear();
  }
}
