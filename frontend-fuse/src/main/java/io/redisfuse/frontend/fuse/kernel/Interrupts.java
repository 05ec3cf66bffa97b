package io.redisfuse.frontend.fuse.kernel;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of threads that wait for requests which take long, when somebody wants them to stop: they
 * are answered EINTR. What was begun goes on, and what comes of it is undone if it only was for
 * them, as when the kernel does not take a reply; a save is made or not, as after a lost answer.
 *
 * <p>Safe for threads.
 */
final class Interrupts {

  private static final Logger log = LoggerFactory.getLogger(Interrupts.class);

  /** Most requests are served by then, so that nothing need be left half-known. */
  private static final Duration GRACE = Duration.ofMillis(100);

  private final LockWaits.Sender sender;
  private final IntPredicate askedToStop;
  private final List<Service> services = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "fuse-interrupts");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param askedToStop whether somebody wants a thread of a program to stop
   */
  Interrupts(LockWaits.Sender sender, IntPredicate askedToStop) {
    this.sender = sender;
    this.askedToStop = askedToStop;
  }

  /** Of a thread that serves one request after the other. */
  final class Service implements AutoCloseable {

    /** The request that is not answered yet, or 0. */
    private final AtomicLong unanswered = new AtomicLong();

    private volatile int waitingThread;

    /** Begins to serve a request that a thread waits for. */
    void begin(long unique, int thread) {
      waitingThread = thread;
      unanswered.set(unique);
    }

    /** Whether the request is still to be answered, which is then up to the caller. */
    boolean end() {
      return unanswered.getAndSet(0) != 0;
    }

    private void letGoOf(long unique) {
      if (unanswered.get() == unique
          && askedToStop.test(waitingThread)
          && unanswered.compareAndSet(unique, 0)) {
        log.debug("Who waited for request {} was told to stop.", unique);
        sender.send(unique, Errno.EINTR);
      }
    }

    @Override
    public void close() {
      services.remove(this);
    }
  }

  Service service() {
    Service service = new Service();
    services.add(service);
    return service;
  }

  /** A request is interrupted, which perhaps is served, or is going to be. */
  void interrupt(long unique) {
    try {
      Future<?> unused =
          clock.schedule(
              () -> services.forEach(service -> service.letGoOf(unique)),
              GRACE.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("The mount has ended.", e);
    }
  }

  /** Nobody is let go of any more. */
  void end() {
    clock.shutdownNow();
  }
}
