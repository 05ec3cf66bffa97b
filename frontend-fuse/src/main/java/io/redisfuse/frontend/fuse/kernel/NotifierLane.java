package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on to the kernel what is outdated of some of the nodes, on a thread of its own.
 *
 * <p>What may let the thread wait in the kernel is done while nobody asks anything: nothing ends
 * such a wait but the requests that it is for, so that a daemon that is killed just then would not
 * end, and who waits for it would not be told. Where somebody always asks there are ways that wait
 * for nothing: attributes alone, and all names at once.
 */
final class NotifierLane {

  private static final Logger log = LoggerFactory.getLogger(NotifierLane.class);

  /** So long nothing must have been asked: who asked may be about to ask more. */
  private static final long QUIET_NANOS = Duration.ofMillis(20).toNanos();

  /** So long it is waited for that nothing is asked. */
  private static final long PATIENCE_NANOS = Duration.ofMillis(1).toNanos();

  private static final int LOOK_AGAIN_MILLIS = 1;

  /** So many files are looked at whether nobody reads or writes them. */
  private static final int MOST_LOOKED_AT = 64;

  /** A name in a directory; and the node that it stood for, or 0. */
  private record Name(long parent, Bytes name, long node) {}

  private final Notification notification;
  private final InFlight inFlight;
  private final RecentNodes recent;
  private final AtomicLong epoch;
  private final LongConsumer told;
  private final Thread thread;

  /** Since when they wait; guarded by itself, as what follows. */
  private final Map<Name, Long> names = new LinkedHashMap<>();

  /** Nodes whose attributes are to be passed on, which waits for nothing. */
  private final Set<Long> attributes = new LinkedHashSet<>();

  /**
   * And those whose content is, since when, when nobody reads or writes the file: the next open
   * does not keep it in any case.
   */
  private final Map<Long, Long> contents = new LinkedHashMap<>();

  /** What each who catches up waits for: names and nodes. */
  private final List<Set<Object>> awaited = new ArrayList<>();

  private Optional<Step> passing = Optional.empty();
  private boolean ended;

  /** Something to be done now, and what is passed on with it: names and nodes. */
  private record Step(Collection<?> passes, Runnable work) {}

  /**
   * @param epoch counts how often all names are let go of at once
   * @param told hears for how many nanoseconds something waited that the kernel knows now
   */
  NotifierLane(
      Device device,
      InFlight inFlight,
      RecentNodes recent,
      AtomicLong epoch,
      LongConsumer told,
      String threadName) {
    this.told = told;
    this.recent = recent;
    this.epoch = epoch;
    this.notification = new Notification(device);
    this.inFlight = inFlight;
    this.thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void add(long parent, Bytes name, long node) {
    synchronized (names) {
      if (!ended && names.putIfAbsent(new Name(parent, name, node), System.nanoTime()) == null) {
        names.notifyAll();
      }
    }
  }

  void add(long node) {
    synchronized (names) {
      if (!ended) {
        attributes.add(node);
        contents.putIfAbsent(node, System.nanoTime());
        names.notifyAll();
      }
    }
  }

  /** Nothing is passed on any more. */
  void end() {
    synchronized (names) {
      ended = true;
      names.notifyAll();
    }
  }

  /** Waits until the thread has ended; returns whether the caller was interrupted meanwhile. */
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
      for (Step next = take(); next != null; next = take()) {
        next.work().run();
        done(next);
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread.
      log.warn("The kernel is not told any more of what is outdated.", e);
    }
  }

  private void done(Step step) {
    synchronized (names) {
      passing = Optional.empty();
      if (!awaited.isEmpty()) {
        awaited.forEach(waiting -> waiting.removeAll(step.passes()));
        names.notifyAll();
      }
    }
  }

  /**
   * Waits until all was passed on that waits now.
   *
   * @param end in terms of {@link System#nanoTime}
   * @return whether it was; not so after the end
   */
  boolean catchUp(long end) throws InterruptedException {
    synchronized (names) {
      Set<Object> waiting = new HashSet<>(contents.keySet());
      waiting.addAll(names.keySet());
      passing.ifPresent(step -> waiting.addAll(step.passes()));
      awaited.add(waiting);
      try {
        while (!waiting.isEmpty() && !ended) {
          long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (millis <= 0) {
            return false;
          }
          names.wait(millis);
        }
        return true;
      } finally {
        awaited.removeIf(one -> one == waiting);
      }
    }
  }

  /** What can be done now; waits for it; null at the end. */
  private Step take() throws InterruptedException {
    synchronized (names) {
      while (!ended) {
        Step next = nextName();
        if (next == null) {
          next = nextContent();
        }
        if (next != null) {
          passing = Optional.of(next);
          return next;
        }
        names.wait(names.isEmpty() && contents.isEmpty() ? 0 : LOOK_AGAIN_MILLIS);
      }
      return null;
    }
  }

  private Step nextName() {
    Iterator<Map.Entry<Name, Long>> all = names.entrySet().iterator();
    if (!all.hasNext()) {
      return null;
    }
    Map.Entry<Name, Long> oldest = all.next();
    Name name = oldest.getKey();
    long since = oldest.getValue();
    if (isQuiet()) {
      all.remove();
      return new Step(List.of(name), () -> tell(since, () -> pass(name)));
    }
    if (System.nanoTime() - since <= PATIENCE_NANOS) {
      return null;
    }
    List<Name> waiting = List.copyOf(names.keySet());
    names.clear();
    return new Step(waiting, () -> tell(since, () -> passAll(waiting)));
  }

  /**
   * Nobody asks anything, nor is a request on its way to us, about whatever directory it may be.
   */
  private boolean isQuiet() {
    return inFlight.isQuiet(QUIET_NANOS) && !notification.isWaitedFor();
  }

  private void tell(long since, Runnable work) {
    work.run();
    told.accept(System.nanoTime() - since);
  }

  private void pass(Name name) {
    check(notification.entry(name.parent(), name.name()), "a name in", name.parent());
    passed(name);
  }

  /** If the node was being looked up, the kernel knows it now, and perhaps what was before. */
  private void passed(Name name) {
    if (name.node() != 0) {
      add(name.node());
    }
  }

  private void passAll(List<Name> all) {
    // Before, so that who counts what the kernel knows from now on counts nothing of before.
    epoch.incrementAndGet();
    int errno = notification.epoch();
    if (errno != 0 && errno != Errno.ENODEV) {
      log.warn("The kernel does not let go of all names at once: errno {}", errno);
      all.forEach(this::pass);
      return;
    }
    all.forEach(this::passed);
  }

  private Step nextContent() {
    Iterator<Map.Entry<Long, Long>> all = contents.entrySet().iterator();
    for (int looked = 0; looked < MOST_LOOKED_AT && all.hasNext(); looked++) {
      Map.Entry<Long, Long> next = all.next();
      long node = next.getKey();
      if (!inFlight.isBusy(node) && !notification.isWaitedFor()) {
        long since = next.getValue();
        all.remove();
        attributes.remove(node);
        return new Step(List.of(node), () -> tell(since, () -> letGo(node)));
      }
      if (attributes.remove(node)) {
        return new Step(List.of(), () -> letGoOfAttributes(node));
      }
    }
    return null;
  }

  private void letGo(long node) {
    check(notification.inode(node), "what is known of", node);
    recent.note(node);
  }

  private void letGoOfAttributes(long node) {
    check(notification.attributes(node), "the attributes of", node);
    recent.note(node);
  }

  static void check(int errno, String what, long node) {
    if (errno != 0 && errno != Errno.ENOENT && errno != Errno.ENODEV) {
      log.warn("The kernel does not let go of {} node {}: errno {}", what, node, errno);
    }
  }
}
