package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Range;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.backend.redis.NodeRoute.Scattered;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import redis.clients.jedis.Protocol.Command;

/**
 * The keys of a Redis Cluster, 6.0 or later. Each key belongs to one of 16,384 slots, each slot to
 * one master; where it is now is found anew when it has moved, also after a failover.
 *
 * <p>A transaction is applied as one if all its keys are in one slot. Over several slots there is
 * none: a move from one to another is done by {@code Transfer} in steps that lose nothing, anything
 * else is refused with {@code CROSS_SLOT}.
 *
 * <p>Reserved keys are those of {@link RedisBackend}, with hash tags in their names; and {@code
 * .redisfuse:move:…}, which a move of a whole key makes and removes.
 *
 * <p><b>Concurrency.</b> Safe for threads. Each master has a pool of connections of its own, each
 * feed a connection and two threads at each master. One thread asks where the slots are.
 */
public final class ClusterBackend implements Backend {

  /** So often keys are asked for together, before each is asked for by itself. */
  private static final int ROUNDS = 2;

  private final RedisOptions options;
  private final ScheduledExecutorService clock = RedisBackend.clock();
  private final ClusterTopology topology;
  private final Transfer.Observer observer;

  /** What is known of a node that is not known. */
  private final Part.Memory unknown;

  private final Set<ClusterFeed> feeds = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private ClusterBackend(RedisOptions options, Duration respite, Transfer.Observer observer) {
    this.options = options;
    this.observer = observer;
    this.topology = new ClusterTopology(new Dialer(options), respite, clock);
    this.unknown = Part.Memory.ofNewServer(options.listener(), respite, TtlKeeping.ofNewServer());
  }

  /**
   * Connects to a cluster.
   *
   * @throws BackendUnavailableException if no node answers
   * @throws RefusedException with {@code NOT_PERMITTED} if it wants a password, or another one;
   *     with {@code UNSUPPORTED} if the server is no node of a cluster
   */
  static ClusterBackend connect(RedisOptions options) {
    return connect(options, step -> {});
  }

  /** As {@link #connect(RedisOptions)}; somebody sees how far moves across slots get. */
  static ClusterBackend connect(RedisOptions options, Transfer.Observer observer) {
    ClusterBackend backend = new ClusterBackend(options, RedisBackend.RESPITE, observer);
    try {
      backend.topology.start(Deadline.after(options.timeLimit()));
      return backend;
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private Part at(Bytes key) {
    return at(key, options.timeLimit());
  }

  private Part at(Bytes key, Duration limit) {
    return at(Slot.of(key), limit);
  }

  private Part at(int slot, Duration limit) {
    Part.Memory memory = topology.owner(slot).map(ClusterNode::memory).orElse(unknown);
    return part(new SlotRoute(slot, topology), memory, limit);
  }

  private Part at(ClusterNode node) {
    return at(node, options.timeLimit());
  }

  private Part at(ClusterNode node, Duration limit) {
    return part(new NodeRoute(node, topology), node.memory(), limit);
  }

  private Part part(Route route, Part.Memory memory, Duration limit) {
    return Part.of(route, memory, limit, options.scanPause(), (key, moved) -> type(key));
  }

  private Optional<Type> type(Bytes key) {
    return at(key)
        .calls()
        .repeat(
            "look at key " + key,
            wire -> KeyTypes.of(wire.ask(Commands.command(Command.TYPE, key))));
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    new ClusterScan(topology, this::at, prefix, visitor, options.timeLimit()).run();
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> which) {
    Map<Cell, CellStatus> described = new HashMap<>();
    together(
        List.<Cell>copyOf(which),
        Cell::key,
        (part, cells) -> described.putAll(part.keyspace().describe(cells)));
    return described;
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    Map<Bytes, List<FieldStatus>> fields = new HashMap<>();
    together(
        List.copyOf(keys), key -> key, (part, some) -> fields.putAll(part.keyspace().fields(some)));
    return fields;
  }

  /** Asks each node for all that it has; where something is on its way, for each key by itself. */
  private <T> void together(
      Collection<T> all, Function<T, Bytes> keyOf, BiConsumer<Part, List<T>> question) {
    Collection<T> left = all;
    for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
      Map<Optional<ClusterNode>, List<T>> byNode =
          left.stream()
              .collect(Collectors.groupingBy(each -> topology.owner(Slot.of(keyOf.apply(each)))));
      List<T> scattered = new ArrayList<>();
      byNode.forEach(
          (node, some) -> {
            try {
              question.accept(at(node.orElseThrow(() -> new Scattered(/* cause= */ null))), some);
            } catch (Scattered e) {
              scattered.addAll(some);
            }
          });
      left = scattered;
    }
    left.forEach(each -> question.accept(at(keyOf.apply(each)), List.of(each)));
  }

  @Override
  public Optional<Snapshot> read(Cell cell) {
    return at(cell.key()).cells().read(cell);
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    return at(cell.key()).cells().read(cell, sink);
  }

  @Override
  public Version version(Cell cell) {
    return at(cell.key()).cells().version(cell);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return at(cell.key()).cells().read(cell, offset, length);
  }

  @Override
  public List<Element> elements(Bytes key) {
    return at(key).elements().elements(key);
  }

  /**
   * {@inheritDoc}
   *
   * @throws RefusedException with {@code CROSS_SLOT} if its keys are in several slots, and it is
   *     not the move of one cell or key
   */
  @Override
  public void commit(Transaction transaction) {
    Set<Integer> slots =
        Commits.keysOf(transaction).stream().map(Slot::of).collect(Collectors.toSet());
    if (slots.size() == 1) {
      at(slots.iterator().next(), options.timeLimit()).commits().commit(transaction);
    } else if (slots.size() > 1) {
      Transfer.run(CrossSlot.of(transaction), this::at, options.timeLimit(), observer);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A feed whose connection is lost is never given up. When another node becomes master, it
   * tells a reset.
   *
   * @throws RefusedException with {@code UNSUPPORTED} if a node does not know CLIENT TRACKING on
   *     RESP3; with {@code NOT_PERMITTED} if the user may not use it
   */
  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    ClusterFeed feed =
        ClusterFeed.start(
            topology,
            listener,
            (node, of) ->
                ChangeFeed.start(
                    node.connections(), at(node).calls(), clock, prefix, of, ended -> {}),
            (node, of) ->
                ChangeFeed.startLater(
                    node.connections(), at(node).calls(), clock, prefix, of, ended -> {}),
            feeds::remove);
    feeds.add(feed);
    if (closed) {
      // It may have been added too late to be closed with the others.
      feed.close();
    }
    return feed;
  }

  @Override
  public void sync(Durability durability) {
    sync(durability, slot -> true);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Waits for the nodes that have these keys, so that others which have no replica now, or are
   * just being replaced, are in nobody's way.
   */
  @Override
  public void sync(Collection<Bytes> keys, Durability durability) {
    Set<Integer> slots = keys.stream().map(Slot::of).collect(Collectors.toSet());
    sync(durability, slots::contains);
  }

  private void sync(Durability durability, IntPredicate slots) {
    if (durability instanceof Durability.Applied) {
      return;
    }
    Deadline deadline = Deadline.after(options.timeLimit());
    for (ClusterNode node : topology.masters()) {
      long commits = node.commits();
      if (node.owed().stream().anyMatch(slots::test) && sync(node, durability, deadline)) {
        node.synced(commits);
      }
    }
    // Last, since one may be replaced while others are waited for.
    Optional<ClusterNode> replaced = topology.takeEndangered(slots);
    if (replaced.isPresent()) {
      throw Durabilities.replaced(replaced.get().connections().address());
    }
  }

  /** Returns whether what the node has applied is durable; if not, it has been replaced. */
  private boolean sync(ClusterNode node, Durability durability, Deadline deadline) {
    BitSet slots = topology.slots().slotsOf(node.address());
    while (!node.isRetired()) {
      if (slots.isEmpty()) {
        throw new BackendUnavailableException(
            "What was committed to Redis at "
                + node.connections().address()
                + " is applied, but its slots go to other nodes just now, so nobody can confirm"
                + " it; try again.",
            /* cause= */ null);
      }
      Bytes key = Slot.key(Durabilities.SYNC_KEY, slots::get);
      try {
        new Durabilities(at(node, deadline.left()).calls(), node.connections(), key)
            .sync(durability);
        return true;
      } catch (Scattered e) {
        // That slot is on its way, or gone. What it holds is waited for where it goes.
        slots.clear(Slot.of(key));
      }
    }
    return false;
  }

  @Override
  public void close() {
    closed = true;
    topology.close();
    List.copyOf(feeds).forEach(ClusterFeed::close);
    clock.shutdownNow();
  }
}
