package io.redisfuse.backend.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.redisfuse.api.BackendUnavailableException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.HostAndPort;

/**
 * A node of a cluster that takes writes, and all that is known of it. It is retired when it is no
 * master any more: then nothing goes to it, and what is on its way comes back as lost.
 *
 * <p>Safe for threads.
 */
final class ClusterNode {

  /**
   * Something that a node has applied.
   *
   * @param number the how manieth of that node
   */
  record Commit(ClusterNode node, long number) {

    /** Whether it may be lost: another has taken the place of its node, and nobody had waited. */
    boolean isInDanger() {
      return node.isReplaced && !node.isSynced(number);
    }
  }

  private final HostAndPort address;
  private final Connections connections;
  private final Part.Memory memory;

  /** The last commit of a thread, since a thread that waits mostly waits for that. */
  private final ThreadLocal<Commit> own;

  /** How many commits it has applied. */
  private final AtomicLong committed = new AtomicLong();

  /** How many of these were waited for. */
  private final AtomicLong synced = new AtomicLong();

  private volatile boolean retired;
  private volatile boolean isReplaced;

  /**
   * A node.
   *
   * @param own the last commit of a thread, at whichever node of the cluster
   */
  ClusterNode(
      HostAndPort address,
      Dialer dialer,
      Duration respite,
      ScheduledExecutorService clock,
      ThreadLocal<Commit> own) {
    this.address = address;
    this.own = own;
    this.connections = Connections.toNode(address, dialer, clock);
    CircuitBreaker breaker = Calls.breaker(respite);
    this.memory = new Part.Memory(breaker, new Scripts(), new TtlKeeping(connections));
  }

  HostAndPort address() {
    return address;
  }

  Connections connections() {
    return connections;
  }

  Part.Memory memory() {
    return memory;
  }

  boolean isRetired() {
    return retired;
  }

  /** Nothing goes to it any more. */
  void retire() {
    retired = true;
    connections.retire();
  }

  void close() {
    connections.close();
  }

  /** Another one has taken its place, which need not have what this had applied. */
  void isReplacedByAnother() {
    isReplaced = true;
  }

  /** It has applied something for the caller. */
  void committed() {
    own.set(new Commit(this, committed.incrementAndGet()));
  }

  /** It has received what another one had applied. */
  void inherited() {
    committed.incrementAndGet();
  }

  /** How many commits there are to be waited for, in all its life. */
  long commits() {
    return committed.get();
  }

  boolean isSynced(long commits) {
    return synced.get() >= commits;
  }

  /** So many of its commits are as durable as was asked, or are known to be in danger. */
  void synced(long commits) {
    synced.accumulateAndGet(commits, Math::max);
  }

  /** That what it had applied may be lost. */
  BackendUnavailableException replaced() {
    return Durabilities.replaced(connections.address());
  }
}
