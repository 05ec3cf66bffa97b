package io.redisfuse.frontend.files.locks;

import java.util.concurrent.atomic.AtomicBoolean;

/** Who waits for a lock of a cell. Safe for threads. */
final class Waiter {

  private final Lock wanted;
  private final LockAnswer answer;
  private final AtomicBoolean claimed = new AtomicBoolean();

  Waiter(Lock wanted, LockAnswer answer) {
    this.wanted = wanted;
    this.answer = answer;
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
