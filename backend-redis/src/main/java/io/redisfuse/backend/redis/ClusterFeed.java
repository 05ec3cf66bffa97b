package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Hears of changes at all masters of a cluster: one feed at each. When another node becomes master,
 * the listener hears that changes go untold, and a reset when they are told again. A slot that goes
 * from one master to another needs no more: each key is deleted here and made there, and both feeds
 * tell.
 */
final class ClusterFeed implements Subscription, ClusterTopology.Follower {

  /** How a feed at a node is begun. */
  interface Start extends BiFunction<ClusterNode, ChangeListener, ChangeFeed> {}

  private final ClusterTopology topology;
  private final ChangeListener listener;
  private final Start later;
  private final Consumer<ClusterFeed> onClose;

  /** Held while the listener is called: one feed at a time. Taken before {@link #changing}. */
  private final ReentrantLock telling = new ReentrantLock();

  /** Guards the fields below; held only to look or to change them. */
  private final ReentrantLock changing = new ReentrantLock();

  private final Map<ClusterNode, ChangeFeed> feeds = new HashMap<>();

  /** The nodes of which nothing is heard now. */
  private final Set<ClusterNode> unheard = new HashSet<>();

  private boolean closed;

  private ClusterFeed(
      ClusterTopology topology,
      ChangeListener listener,
      Start later,
      Consumer<ClusterFeed> onClose) {
    this.topology = topology;
    this.listener = listener;
    this.later = later;
    this.onClose = onClose;
  }

  /**
   * Starts; when this returns, all masters track.
   *
   * @param now starts a feed, and ends when its node tracks
   * @param later starts a feed that begins to track when it can
   */
  static ClusterFeed start(
      ClusterTopology topology,
      ChangeListener listener,
      Start now,
      Start later,
      Consumer<ClusterFeed> onClose) {
    ClusterFeed all = new ClusterFeed(topology, listener, later, onClose);
    try {
      for (ClusterNode node : topology.masters()) {
        all.begin(node, now);
      }
      topology.tell(all);
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
    return all;
  }

  private void begin(ClusterNode node, Start now) {
    ChangeFeed feed;
    try {
      feed = now.apply(node, new OfNode(node));
    } catch (NodeRoute.Scattered e) {
      // It is no master any more; another one is.
      return;
    } catch (BackendUnavailableException e) {
      if (node.isRetired()) {
        return;
      }
      throw e;
    }
    changing.lock();
    try {
      feeds.put(node, feed);
    } finally {
      changing.unlock();
    }
  }

  @Override
  public void follow(Collection<ClusterNode> masters) {
    List<ChangeFeed> ended = new ArrayList<>();
    boolean heardAgain;
    changing.lock();
    try {
      if (closed) {
        return;
      }
      boolean wasUnheard = !unheard.isEmpty();
      for (ClusterNode node : List.copyOf(feeds.keySet())) {
        if (!masters.contains(node)) {
          ended.add(feeds.remove(node));
          unheard.remove(node);
        }
      }
      for (ClusterNode node : masters) {
        if (!feeds.containsKey(node)) {
          unheard.add(node);
          feeds.put(node, later.apply(node, new OfNode(node)));
        }
      }
      heardAgain = wasUnheard && unheard.isEmpty();
    } finally {
      changing.unlock();
    }
    if (!ended.isEmpty() || heardAgain) {
      // Whoever is told may take his time, which is not the caller's.
      Thread thread = new Thread(() -> end(ended, heardAgain), "redisfuse-feed-end");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void end(List<ChangeFeed> ended, boolean heardAgain) {
    ended.forEach(ChangeFeed::close);
    if (heardAgain) {
      tell(ChangeListener::reset);
    }
  }

  private void tell(Consumer<ChangeListener> what) {
    telling.lock();
    try {
      if (!isClosed()) {
        what.accept(listener);
      }
    } finally {
      telling.unlock();
    }
  }

  private boolean isClosed() {
    changing.lock();
    try {
      return closed;
    } finally {
      changing.unlock();
    }
  }

  @Override
  public void close() {
    List<ChangeFeed> ended;
    changing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      ended = List.copyOf(feeds.values());
      feeds.clear();
    } finally {
      changing.unlock();
    }
    topology.tellNoMore(this);
    ended.forEach(ChangeFeed::close);
    onClose.accept(this);
  }

  /** A feed that is ended meanwhile, since its node is no master any more, has told all it will. */
  @Override
  public boolean catchUp(Duration bound) throws InterruptedException {
    Deadline deadline = Deadline.after(bound);
    List<ChangeFeed> all;
    changing.lock();
    try {
      all = List.copyOf(feeds.values());
    } finally {
      changing.unlock();
    }
    for (ChangeFeed feed : all) {
      if (!feed.catchUp(deadline.left()) && isOneOfThem(feed)) {
        return false;
      }
    }
    return !isClosed();
  }

  private boolean isOneOfThem(ChangeFeed feed) {
    changing.lock();
    try {
      return feeds.containsValue(feed);
    } finally {
      changing.unlock();
    }
  }

  /** What is heard of one node. */
  private final class OfNode implements ChangeListener {
    private final ClusterNode node;

    private OfNode(ClusterNode node) {
      this.node = node;
    }

    @Override
    public void changed(Bytes key) {
      tell(to -> to.changed(key));
    }

    @Override
    public void reset() {
      tell(to -> anew(to));
    }

    private void anew(ChangeListener to) {
      if (isUnheardAfter(() -> unheard.remove(node))) {
        to.lost();
      } else {
        to.reset();
      }
    }

    @Override
    public void lost() {
      tell(
          to -> {
            if (isUnheardAfter(this::becomesUnheard)) {
              to.lost();
            } else {
              to.reset();
            }
          });
    }

    private void becomesUnheard() {
      if (feeds.containsKey(node)) {
        unheard.add(node);
      }
    }

    private boolean isUnheardAfter(Runnable change) {
      changing.lock();
      try {
        change.run();
        return !unheard.isEmpty();
      } finally {
        changing.unlock();
      }
    }
  }
}
