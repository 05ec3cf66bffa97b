package io.redisfuse.daemon;

import jakarta.inject.Inject;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far the index is until it knows all keys: on a terminal in a line that changes, else in
 * the log from time to time; and in a line of its own that it is complete.
 */
final class IndexProgress {

  private static final Logger log = LoggerFactory.getLogger(IndexProgress.class);
  private static final Duration BETWEEN_LINES = Duration.ofMillis(300);
  private static final Duration BETWEEN_LOGS = Duration.ofSeconds(10);

  /** Back to the begin of the line, which is empty then. */
  private static final String WIPE = "\r\033[K";

  private final Terminal terminal;
  private final PrintStream out;
  private final Duration step;

  @Inject
  IndexProgress(Terminal terminal, PrintStream out) {
    this(terminal, out, terminal.showsOutput() ? BETWEEN_LINES : BETWEEN_LOGS);
  }

  IndexProgress(Terminal terminal, PrintStream out, Duration step) {
    this.terminal = terminal;
    this.out = out;
    this.step = step;
  }

  /** Begins to say it, on a thread of its own, until the index is complete or this is closed. */
  Telling of(Frontend.Mounted mounted) {
    Thread teller = new Thread(() -> tell(mounted), "redisfuse-progress");
    teller.setDaemon(true);
    teller.start();
    return () -> {
      teller.interrupt();
      try {
        teller.join(BETWEEN_LOGS.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Ends when it is closed, if it has not ended before. */
  interface Telling {

    /** Nothing more is said when it returns. Idempotent. */
    void close();
  }

  private void tell(Frontend.Mounted mounted) {
    long began = System.nanoTime();
    boolean told = false;
    try {
      while (!mounted.awaitIndexed(step)) {
        if (terminal.showsOutput()) {
          say(WIPE + "redisfuse: indexing, " + soFar(mounted.keys(), began));
          told = true;
        } else {
          log.info("Indexing, {}", soFar(mounted.keys(), began));
        }
      }
      say(
          (told ? WIPE : "")
              + String.format(
                  Locale.ROOT,
                  "redisfuse: %s indexed in %.1f s%n",
                  counted(mounted.keys()),
                  secondsSince(began)));
    } catch (InterruptedException e) {
      log.debug("The mount ends before the index was complete", e);
      if (told) {
        say("\n");
      }
    }
  }

  private static String counted(long keys) {
    return String.format(Locale.ROOT, "%,d", keys) + (keys == 1 ? " key" : " keys");
  }

  private static String soFar(long keys, long began) {
    long rate = Math.round(keys / Math.max(secondsSince(began), 0.001));
    return String.format(Locale.ROOT, "%s so far (%,d/s)", counted(keys), rate);
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private void say(String text) {
    out.print(text);
    out.flush();
  }
}
