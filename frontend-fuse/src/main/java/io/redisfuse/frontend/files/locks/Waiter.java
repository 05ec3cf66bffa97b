package io.redisfuse.frontend.files.locks;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Who waits for a lock of a cell. Safe for threads. */
final class Waiter {

  private static final AtomicLong LAST = new AtomicLong();

  /** Of nobody else who ever waited in this process. */
  private final long number = LAST.incrementAndGet();

  private final Lock wanted;
  private final LockAnswer answer;
  private final AtomicBoolean claimed = new AtomicBoolean();

  Waiter(Lock wanted, LockAnswer answer) {
    this.wanted = wanted;
    this.answer = answer;
  }

  long number() {
    return number;
  }

  Lock wanted() {
    return wanted;
  }

  LockAnswer answer() {
    return answer;
  }

  boolean isAnswered() {
    return claimed.get();
  }

  /** Whether the caller is the one who answers: only the first one is. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }
}
