package io.redisfuse.backend.redis;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  record Commit(ClusterNode node, int slot, long number) {

    /** Whether it may be lost: another has taken the place of its node, and nobody had waited. */
    boolean isInDanger() {
      return node.isReplaced && node.synced.get() < number;
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

  /** The slots in which something was committed that nobody has waited for: its number. */
  private final Map<Integer, Long> owed = new ConcurrentHashMap<>();

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
    this.memory =
        Part.Memory.ofNewServer(dialer.options().listener(), respite, new TtlKeeping(connections));
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
  void replace() {
    isReplaced = true;
  }

  /** It has applied something for the caller. */
  void committed(int slot) {
    own.set(new Commit(this, slot, owe(slot)));
  }

  private long owe(int slot) {
    long number = committed.incrementAndGet();
    owed.merge(slot, number, Math::max);
    return number;
  }

  /** It has received a slot from another node; what that owed there, this owes from now on. */
  void inherit(ClusterNode from, int slot) {
    if (from.owed.remove(slot) != null) {
      owe(slot);
    }
  }

  /** The slots in which something was committed that nobody has waited for. */
  Set<Integer> owed() {
    return Set.copyOf(owed.keySet());
  }

  /** How many commits there are to be waited for, in all its life. */
  long commits() {
    return committed.get();
  }

  /** So many of its commits are as durable as was asked. */
  void synced(long commits) {
    synced.accumulateAndGet(commits, Math::max);
    owed.values().removeIf(number -> number <= commits);
  }
}
