package io.redisfuse.daemon;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the daemon is asked to leave (SIGTERM, Ctrl-C), and how the process waits until it has.
 *
 * <p>The JVM turns these signals into a shutdown that ends the process, with the status of a killed
 * one, as soon as its hooks return. So the hook passes the request on, holds the process until the
 * daemon has {@linkplain #finish finished}, and then ends it with the daemon's own status.
 */
final class Departure {

  private static final Logger log = LoggerFactory.getLogger(Departure.class);

  private final Duration patience;
  private final CountDownLatch finished = new CountDownLatch(1);

  /** Guards the fields below. */
  private final Object lock = new Object();

  private boolean requested;
  private Runnable response = () -> {};
  private ExitCode exitCode = ExitCode.FAILURE;

  /**
   * A departure that nobody has asked for yet.
   *
   * @param patience how long saving and unmounting may take after a request
   */
  Departure(Duration patience) {
    this.patience = patience;
  }

  /** Lets signals to this process be requests. */
  void listenForSignals() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (finished.getCount() > 0) {
                    request();
                    Runtime.getRuntime().halt(awaitFinish().status());
                  }
                },
                "departure"));
  }

  /** What to do on a request; is done at once if there was one already. */
  void onRequest(Runnable action) {
    boolean late;
    synchronized (lock) {
      response = action;
      late = requested;
    }
    if (late) {
      action.run();
    }
  }

  /** Asks the daemon to leave, and returns when it has been told. */
  void request() {
    Runnable action;
    synchronized (lock) {
      requested = true;
      action = response;
    }
    log.info("Asked to leave: saving and unmounting.");
    action.run();
  }

  /** The daemon has left. */
  void finish(ExitCode code) {
    synchronized (lock) {
      exitCode = code;
    }
    finished.countDown();
  }

  /** Waits until the daemon has left, or patience ends, which is a failure. */
  ExitCode awaitFinish() {
    try {
      if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        log.error(
            "Not everything was saved and unmounted within {} seconds: leaving all the same.",
            patience.toSeconds());
        return ExitCode.FAILURE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILURE;
    }
    synchronized (lock) {
      return exitCode;
    }
  }
}
