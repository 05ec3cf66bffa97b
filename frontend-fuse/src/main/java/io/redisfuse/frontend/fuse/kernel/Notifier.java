package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.KernelCache;
import io.redisfuse.frontend.files.Looked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Has the kernel let go of what is outdated, on threads of its own; and take what is at hand.
 *
 * <p>Never inside a request: the kernel waits, with a name, for what is on its way in the
 * directory, and with content for reads and writes of the file; these would wait for the thread
 * that serves them. So that what waits all the same keeps back only what has to do with it, there
 * are a few threads, each for some of the nodes.
 *
 * <p>What is told again before it was passed on is passed on once.
 */
final class Notifier implements KernelCache {

  private static final int THREADS = 4;

  private final RecentNodes recent = new RecentNodes();
  private final AtomicLong epoch = new AtomicLong();
  private volatile boolean keepsNames;
  private final List<NotifierLane> lanes = new ArrayList<>();
  private final ThreadLocal<Notification> notifications;

  /**
   * @param told hears for how many nanoseconds something waited that the kernel knows now
   */
  Notifier(Device device, InFlight inFlight, LongConsumer told) {
    notifications = ThreadLocal.withInitial(() -> Notification.ofContent(device));
    for (int i = 0; i < THREADS; i++) {
      lanes.add(new NotifierLane(device, inFlight, recent, epoch, told, "fuse-notify-" + i));
    }
  }

  void start() {
    lanes.forEach(NotifierLane::start);
  }

  /** Nothing is told any more. */
  void end() {
    lanes.forEach(NotifierLane::end);
  }

  /** Waits until the threads have ended, which nothing in the kernel keeps them from any more. */
  void awaitEnd() {
    boolean interrupted = false;
    for (NotifierLane lane : lanes) {
      interrupted |= lane.awaitEnd();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void invalidate(long node) {
    recent.note(node);
    lane(node).add(node);
  }

  @Override
  public void invalidate(long parent, Bytes name, long node) {
    if (!keepsNames) {
      if (node != 0) {
        invalidate(node);
      }
      return;
    }
    if (node != 0) {
      recent.note(node);
    }
    lane(parent).add(parent, name, node);
  }

  /**
   * Whether the kernel may rely on names. One that cannot let go of all names at once may not: to
   * let go of one by one may take long, and for ever if the daemon is killed meanwhile.
   */
  void keepsNames(boolean keeps) {
    keepsNames = keeps;
  }

  /** For how long the kernel may rely on a name that was looked up. */
  long nanosOfName(Looked looked) {
    return keepsNames ? looked.validNanos() : 0;
  }

  @Override
  public long epoch() {
    return epoch.get();
  }

  @Override
  public boolean isSettled(long node) {
    return recent.isSettled(node);
  }

  /** Now: the kernel waits for nothing, so that this may be said also inside a request. */
  @Override
  public void invalidateAttributes(long node) {
    recent.note(node);
    NotifierLane.check(notifications.get().attributes(node), "the attributes of", node);
  }

  @Override
  public boolean store(long node, Bytes content) {
    return content.length() <= Notification.MOST_STORED
        && notifications.get().store(node, content) == 0;
  }

  @Override
  public boolean catchUp(Duration bound) throws InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    boolean all = true;
    for (NotifierLane lane : lanes) {
      all &= lane.catchUp(end);
    }
    return all;
  }

  private NotifierLane lane(long number) {
    return lanes.get((int) (number % THREADS));
  }
}
