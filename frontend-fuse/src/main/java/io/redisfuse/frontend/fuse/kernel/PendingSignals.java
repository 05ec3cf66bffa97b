package io.redisfuse.frontend.fuse.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which signals wait for a thread while it is in the kernel, as {@code /proc/TID/status} says. The
 * kernel interrupts a request for any signal, but few mean that somebody wants its thread to stop:
 * a window that is resized, or a child that ends, must not make a call fail.
 */
final class PendingSignals {

  private static final Logger log = LoggerFactory.getLogger(PendingSignals.class);

  /** HUP, INT, QUIT, KILL, TERM; one that ends the process shows as KILL. */
  private static final long TO_STOP = bit(1) | bit(2) | bit(3) | bit(9) | bit(15);

  private PendingSignals() {}

  private static long bit(int signal) {
    return 1L << (signal - 1);
  }

  /** Whether one waits that asks the thread to stop; not so if nothing is known of the thread. */
  static boolean askToStop(int thread) {
    if (thread <= 0) {
      return false;
    }
    try {
      return askToStop(
          Files.readAllLines(
              Path.of("/proc", Integer.toString(thread), "status"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      log.trace("The thread {} has gone.", thread, e);
      return false;
    }
  }

  static boolean askToStop(List<String> status) {
    long pending = mask(status, "SigPnd:") | mask(status, "ShdPnd:");
    return (pending & ~mask(status, "SigBlk:") & TO_STOP) != 0;
  }

  private static long mask(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .map(line -> Long.parseUnsignedLong(line.substring(name.length()).strip(), 16))
        .orElse(0L);
  }
}
