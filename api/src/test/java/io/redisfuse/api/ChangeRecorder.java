package io.redisfuse.api;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what a feed reported. */
final class ChangeRecorder implements ChangeListener {

  private final Set<Bytes> changed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger resets = new AtomicInteger();
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean calledByTwoThreadsAtOnce;

  @Override
  public void changed(Bytes key) {
    call(() -> changed.add(key));
  }

  @Override
  public void reset() {
    call(resets::incrementAndGet);
  }

  private void call(Runnable record) {
    if (!busy.compareAndSet(false, true)) {
      calledByTwoThreadsAtOnce = true;
    }
    calls.incrementAndGet();
    record.run();
    busy.set(false);
  }

  /** Whether {@code key} was reported, be it as one of everything. */
  boolean heardOf(Bytes key) {
    return changed.contains(key) || resets.get() > 0;
  }

  int calls() {
    return calls.get();
  }

  boolean wasCalledByTwoThreadsAtOnce() {
    return calledByTwoThreadsAtOnce;
  }
}
