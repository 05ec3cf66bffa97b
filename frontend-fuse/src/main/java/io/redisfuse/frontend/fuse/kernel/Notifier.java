package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.KernelCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel let go of what is outdated, on threads of its own; and take what is at hand.
 *
 * <p>Never inside a request: the kernel waits, with a name, for what is on its way in the
 * directory, and with content for reads and writes of the file; these would wait for the thread
 * that serves them. Nor, if that can be had, while a request is served that might let the kernel
 * wait: it cannot be interrupted in that, so that a daemon that is killed just then would not end,
 * and nobody would be told. So that a slow request keeps back only what has to do with it, there
 * are a few threads, each for some of the directories and nodes.
 *
 * <p>What is told again before it was passed on is passed on once.
 */
final class Notifier implements KernelCache {

  private static final Logger log = LoggerFactory.getLogger(Notifier.class);

  private static final int THREADS = 4;

  /** So long it is waited for that requests end, which might hold up a thread. */
  private static final long PATIENCE_NANOS = Duration.ofMillis(20).toNanos();

  private static final int LOOK_AGAIN_MILLIS = 1;

  /** So many are looked at whether they can be passed on. */
  private static final int MOST_LOOKED_AT = 64;

  /** Something to be let go of; a node alone has no parent. */
  private record Outdated(long parent, Bytes name, long node) {}

  private final List<Lane> lanes = new ArrayList<>();
  private final ThreadLocal<Notification> notifications;

  Notifier(Device device, InFlight inFlight) {
    notifications = ThreadLocal.withInitial(() -> Notification.ofContent(device));
    for (int i = 0; i < THREADS; i++) {
      lanes.add(new Lane(device, inFlight, "fuse-notify-" + i));
    }
  }

  void start() {
    lanes.forEach(Lane::start);
  }

  /** Nothing is told any more. */
  void end() {
    lanes.forEach(Lane::end);
  }

  /** Waits until the threads have ended, which nothing in the kernel keeps them from any more. */
  void awaitEnd() {
    boolean interrupted = false;
    for (Lane lane : lanes) {
      interrupted |= lane.awaitEnd();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void invalidate(long node) {
    lane(node).add(new Outdated(0, Bytes.EMPTY, node));
  }

  @Override
  public void invalidate(long parent, Bytes name, long node) {
    // In one lane, since a node that is not known yet is known when its name was let go of.
    lane(parent).add(new Outdated(parent, name, node));
  }

  /**
   * The kernel lets go of a node's attributes, now: it waits for nothing, so that this may be said
   * inside a request.
   */
  void invalidateAttributes(long node) {
    Lane.check(notifications.get().attributes(node), "the attributes of", node);
  }

  @Override
  public boolean store(long node, Bytes content) {
    return content.length() <= Notification.MOST_STORED
        && notifications.get().store(node, content) == 0;
  }

  private Lane lane(long number) {
    return lanes.get((int) (number % THREADS));
  }

  private static final class Lane {
    private final Notification notification;
    private final Thread thread;

    private final InFlight inFlight;

    /** And since when; guarded by itself, as what follows. */
    private final Map<Outdated, Long> waiting = new LinkedHashMap<>();

    private boolean ended;

    Lane(Device device, InFlight inFlight, String name) {
      this.notification = new Notification(device);
      this.inFlight = inFlight;
      this.thread = new Thread(this::run, name);
      thread.setDaemon(true);
    }

    void start() {
      thread.start();
    }

    void add(Outdated outdated) {
      synchronized (waiting) {
        if (!ended && waiting.putIfAbsent(outdated, System.nanoTime()) == null) {
          waiting.notifyAll();
        }
      }
    }

    void end() {
      synchronized (waiting) {
        ended = true;
        waiting.clear();
        waiting.notifyAll();
      }
    }

    /** Returns whether the caller was interrupted, who waits all the same. */
    boolean awaitEnd() {
      boolean interrupted = false;
      while (true) {
        try {
          thread.join();
          return interrupted;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }

    private void run() {
      try {
        for (Outdated next = take(); next != null; next = take()) {
          pass(next);
        }
      } catch (InterruptedException e) {
        // Nobody interrupts this thread.
        log.warn("The kernel is not told any more of what is outdated.", e);
      }
    }

    /** Null at the end. */
    private Outdated take() throws InterruptedException {
      synchronized (waiting) {
        while (!ended) {
          Outdated next = next();
          if (next != null) {
            waiting.remove(next);
            return next;
          }
          waiting.wait(waiting.isEmpty() ? 0 : LOOK_AGAIN_MILLIS);
        }
        return null;
      }
    }

    /**
     * The first that nobody is busy with, or that has waited long enough; null if there is none.
     */
    private Outdated next() {
      long now = System.nanoTime();
      int looked = 0;
      for (Map.Entry<Outdated, Long> entry : waiting.entrySet()) {
        Outdated outdated = entry.getKey();
        if (now - entry.getValue() > PATIENCE_NANOS
            || !(inFlight.isBusy(outdated.parent()) || inFlight.isBusy(outdated.node()))) {
          return outdated;
        }
        looked++;
        if (looked == MOST_LOOKED_AT) {
          return null;
        }
      }
      return null;
    }

    private void pass(Outdated outdated) {
      int unknown = outdated.node() == 0 ? 0 : letGo(outdated.node());
      if (outdated.parent() == 0) {
        return;
      }
      check(notification.entry(outdated.parent(), outdated.name()), "a name in", outdated.parent());
      if (unknown == Errno.ENOENT) {
        // If it was being looked up: the kernel has waited for that, and knows it now.
        letGo(outdated.node());
      }
    }

    private int letGo(long node) {
      int errno = notification.inode(node);
      check(errno, "what is known of", node);
      return errno;
    }

    private static void check(int errno, String what, long node) {
      if (errno != 0 && errno != Errno.ENOENT && errno != Errno.ENODEV) {
        log.warn("The kernel does not let go of {} node {}: errno {}", what, node, errno);
      }
    }
  }
}
