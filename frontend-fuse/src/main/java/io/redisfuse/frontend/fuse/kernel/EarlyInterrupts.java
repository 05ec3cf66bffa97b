package io.redisfuse.frontend.fuse.kernel;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Interrupts of requests that are not known to wait: they are about to, or never will, or have been
 * answered already. Bounded: the oldest is given back to the kernel, which sends it again if its
 * request is still there.
 *
 * <p>So no thread has to say which request it serves. Safe for threads.
 */
final class EarlyInterrupts {

  private static final int MOST = 1_000;

  private final LongConsumer repeat;

  /** By the number of the interrupted request that of the interrupt; guarded by itself. */
  private final Map<Long, Long> interrupts = new LinkedHashMap<>();

  /**
   * @param repeat asks the kernel to send an interrupt again, by the number of that
   */
  EarlyInterrupts(LongConsumer repeat) {
    this.repeat = repeat;
  }

  void add(long interrupted, long interrupt) {
    Long oldest = null;
    synchronized (interrupts) {
      interrupts.put(interrupted, interrupt);
      if (interrupts.size() > MOST) {
        Iterator<Long> all = interrupts.values().iterator();
        oldest = all.next();
        all.remove();
      }
    }
    if (oldest != null) {
      repeat.accept(oldest);
    }
  }

  /** Whether a request was interrupted; says so once. */
  boolean take(long interrupted) {
    synchronized (interrupts) {
      return interrupts.remove(interrupted) != null;
    }
  }
}
