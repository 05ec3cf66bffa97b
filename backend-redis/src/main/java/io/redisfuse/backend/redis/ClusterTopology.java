package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.RefusedException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Knows which node of a cluster has which slot, and the nodes that take writes.
 *
 * <p>A thread of its own asks all the time, one node after the other, since connections to a node
 * that stands still, or is cut off, tell nothing; it asks at once when there is a sign that
 * something has changed. A node that is no master any more is retired at once.
 *
 * <p>Safe for threads: what is known is replaced as a whole, under a lock; reading takes none.
 */
final class ClusterTopology implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterTopology.class);

  /** So late a change is noticed if nothing hints at it. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** So often it is asked at most. */
  private static final Duration BREATH = Duration.ofMillis(25);

  /** So long nodes are asked in a row, one of which has to answer. */
  private static final Duration ROUND = Duration.ofSeconds(3);

  /** Hears which nodes take writes now. */
  interface Follower {
    void follow(Collection<ClusterNode> masters);
  }

  private final Dialer dialer;
  private final Duration respite;
  private final ScheduledExecutorService clock;
  private final List<HostAndPort> seeds;
  private final Thread thread = new Thread(this::watch, "redisfuse-cluster");
  private final Semaphore hints = new Semaphore(0);
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  /** Held while what is known is replaced, and while followers are told of it. */
  private final ReentrantLock replacing = new ReentrantLock();

  private final Map<HostAndPort, ClusterNode> nodes = new ConcurrentHashMap<>();

  /** The slots of which commits may be lost with a master that was replaced, and that master. */
  private final Map<Integer, ClusterNode> endangered = new ConcurrentHashMap<>();

  /** The last commit of a thread. Not static: what is waited for is waited for at one cluster. */
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<ClusterNode.Commit> own = new ThreadLocal<>();

  /** The masters without slots, by their own word. Guarded by {@link #replacing}. */
  private final Set<HostAndPort> spare = new HashSet<>();

  /** Those of which only others have said that they are. Guarded by {@link #replacing}. */
  private final Set<HostAndPort> rumoured = new HashSet<>();

  private volatile SlotMap slots = SlotMap.EMPTY;

  private final NodeInquiry inquiry;
  private volatile boolean closed;

  ClusterTopology(Dialer dialer, Duration respite, ScheduledExecutorService clock) {
    this.dialer = dialer;
    this.respite = respite;
    this.clock = clock;
    this.seeds = dialer.options().address().hosts();
    this.inquiry = new NodeInquiry(dialer);
    thread.setDaemon(true);
  }

  /**
   * Asks for the first time, and all the time from then on.
   *
   * @throws BackendUnavailableException if no node answers
   * @throws RefusedException if the server is no node of a cluster, or does not let us ask
   */
  void start(Deadline deadline) {
    Optional<JedisException> failure = look(deadline);
    while (failure.isPresent() && isPassing(failure.get()) && !deadline.hasPassed()) {
      try {
        TimeUnit.MILLISECONDS.sleep(BREATH.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      failure = look(deadline);
    }
    if (failure.isPresent()) {
      throw notThere(failure.get());
    }
    thread.start();
  }

  private static boolean isPassing(JedisException failure) {
    return failure instanceof JedisDataException reply && ErrorReplies.isPassing(reply);
  }

  private RuntimeException notThere(JedisException failure) {
    if (failure instanceof JedisDataException reply) {
      return ErrorReplies.isNoCluster(reply)
          ? new RefusedException(
              RefusedException.Reason.UNSUPPORTED,
              "Redis at "
                  + address()
                  + " is a single server and no cluster; write redis:// or rediss:// instead of"
                  + " redis-cluster:// or rediss-cluster://.",
              failure)
          : ErrorReplies.refusal(reply, address(), "run CLUSTER SLOTS and CLUSTER NODES");
    }
    JedisConnectionException lost = new JedisConnectionException(failure);
    return new BackendUnavailableException(
        Reasons.ofTls(failure)
            .map(reason -> "The cluster at " + address() + " is not spoken to: " + reason + ".")
            .orElseGet(
                () ->
                    "No node of a cluster answers at "
                        + address()
                        + " ("
                        + Reasons.of(failure)
                        + dialer.tlsHint(lost)
                        + "); start one there or give another address with --uri."),
        failure);
  }

  /** For messages: where the cluster is. */
  String address() {
    return seeds.stream().map(RedisAddress::inWords).collect(Collectors.joining(","));
  }

  Optional<ClusterNode> owner(int slot) {
    return slots.owner(slot).map(this::node);
  }

  /** The node to which another one sends who asks for keys of a slot on its way. */
  ClusterNode receiver(HostAndPort address) {
    replacing.lock();
    try {
      if (!nodes.containsKey(address)) {
        spare.add(address);
        node(address);
        tellFollowers();
      }
      return node(address);
    } finally {
      replacing.unlock();
    }
  }

  /** The node at an address, which may become a master just now. */
  ClusterNode node(HostAndPort address) {
    ClusterNode known = nodes.get(address);
    if (known != null) {
      return known;
    }
    replacing.lock();
    try {
      return nodes.computeIfAbsent(address, this::made);
    } finally {
      replacing.unlock();
    }
  }

  private ClusterNode made(HostAndPort address) {
    ClusterNode node = new ClusterNode(address, dialer, respite, clock, own);
    if (closed) {
      node.close();
    }
    return node;
  }

  /** All nodes that have slots, or are about to get some. */
  List<ClusterNode> masters() {
    return List.copyOf(nodes.values());
  }

  SlotMap slots() {
    return slots;
  }

  /** From now on somebody is told which nodes there are, beginning with those of now. */
  void tell(Follower follower) {
    replacing.lock();
    try {
      followers.add(follower);
      follower.follow(masters());
    } finally {
      replacing.unlock();
    }
  }

  void tellNoMore(Follower follower) {
    followers.remove(follower);
  }

  /** There is a sign that something has changed. */
  void lookSoon() {
    hints.release();
  }

  /** The owner of a slot has said that it has gone to another node. */
  void moved(int slot, ClusterNode from, HostAndPort to) {
    replacing.lock();
    try {
      if (slots.owner(slot).filter(from.address()::equals).isPresent()) {
        slots = slots.with(slot, to);
        node(to).inherit(from, slot);
        tellFollowers();
      }
    } finally {
      replacing.unlock();
    }
  }

  /**
   * A master that was replaced, if it had applied something in these slots that nobody had waited
   * for: the caller's own last commit, or others, which are said once.
   */
  Optional<ClusterNode> takeEndangered(IntPredicate of) {
    Optional<ClusterNode> taken =
        Optional.ofNullable(own.get())
            .filter(commit -> commit.isInDanger() && of.test(commit.slot()))
            .map(ClusterNode.Commit::node);
    taken.ifPresent(node -> own.remove());
    for (int slot : Set.copyOf(endangered.keySet())) {
      if (of.test(slot)) {
        Optional<ClusterNode> replaced = Optional.ofNullable(endangered.remove(slot));
        taken = taken.or(() -> replaced);
      }
    }
    return taken;
  }

  private void watch() {
    try {
      while (!closed) {
        hints.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        hints.drainPermits();
        try {
          look(Deadline.after(ROUND))
              .ifPresent(failure -> log.debug("No node of the cluster answers.", failure));
        } catch (RuntimeException e) {
          log.error("Asking the cluster at {} failed unexpectedly.", address(), e);
        }
        TimeUnit.MILLISECONDS.sleep(BREATH.toMillis());
      }
    } catch (InterruptedException e) {
      log.debug("closed", e);
    }
  }

  /** Asks one node. Returns why none has answered. */
  private Optional<JedisException> look(Deadline deadline) {
    try {
      learn(inquiry.ask(deadline));
      return Optional.empty();
    } catch (JedisException e) {
      return Optional.of(e);
    }
  }

  /** What a node has said is known from now on, as far as it is true. */
  void learn(ClusterOpinion opinion) {
    replacing.lock();
    try {
      SlotMap before = slots;
      SlotMap now = before.with(opinion);
      slots = now;
      Set<HostAndPort> wanted = now.owners();
      learnSpare(opinion);
      wanted.addAll(spare);
      wanted.forEach(this::node);
      Set<HostAndPort> alive = alive(opinion);
      if (!now.agreesWith(before)) {
        passOn(before, now, alive);
      }
      nodes.values().stream()
          .filter(node -> !wanted.contains(node.address()))
          .toList()
          .forEach(node -> retire(node, alive));
      tellFollowers();
    } finally {
      replacing.unlock();
    }
  }

  /**
   * Whether a node without slots is a master only itself knows for certain: others may take a
   * replica for one for seconds.
   */
  private void learnSpare(ClusterOpinion opinion) {
    Set<HostAndPort> idle = new HashSet<>();
    for (ClusterOpinion.Master master : opinion.masters()) {
      if (master.slots().isEmpty() && !master.isDown()) {
        idle.add(master.address());
      }
    }
    spare.retainAll(idle);
    if (idle.contains(opinion.myself())) {
      spare.add(opinion.myself());
    }
    idle.removeAll(spare);
    if (!rumoured.containsAll(idle)) {
      idle.forEach(inquiry::askNext);
      lookSoon();
    }
    rumoured.clear();
    rumoured.addAll(idle);
  }

  private void passOn(SlotMap before, SlotMap now, Set<HostAndPort> alive) {
    Map<HostAndPort, HostAndPort> heirs = new HashMap<>();
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      HostAndPort from = before.owner(slot).orElse(null);
      HostAndPort to = now.owner(slot).orElse(null);
      if (from != null && !from.equals(to)) {
        heirs.put(from, to);
        if (alive.contains(from)) {
          node(to).inherit(node(from), slot);
        }
      }
    }
    heirs.forEach((from, to) -> log.info("Slots of the node at {} are at {} now.", from, to));
  }

  private static Set<HostAndPort> alive(ClusterOpinion opinion) {
    return opinion.masters().stream()
        .filter(master -> !master.isDown())
        .map(ClusterOpinion.Master::address)
        .collect(Collectors.toSet());
  }

  private void retire(ClusterNode node, Set<HostAndPort> alive) {
    nodes.remove(node.address());
    if (!alive.contains(node.address())) {
      node.replace();
      node.owed().forEach(slot -> endangered.put(slot, node));
    }
    // Last: who finds it retired asks then what is in danger.
    node.retire();
  }

  private void tellFollowers() {
    List<ClusterNode> now = masters();
    followers.forEach(follower -> follower.follow(now));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    nodes.values().forEach(ClusterNode::close);
    inquiry.close();
  }
}
