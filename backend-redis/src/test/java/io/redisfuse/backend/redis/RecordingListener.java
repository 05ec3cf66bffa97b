package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a feed tells. */
final class RecordingListener implements ChangeListener {

  private final Set<Bytes> changed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger resets = new AtomicInteger();

  @Override
  public void changed(Bytes key) {
    calls.incrementAndGet();
    changed.add(key);
  }

  @Override
  public void reset() {
    calls.incrementAndGet();
    resets.incrementAndGet();
  }

  boolean hasHeardOf(String key) {
    return changed.contains(Bytes.utf8(key));
  }

  Set<Bytes> changed() {
    return Set.copyOf(changed);
  }

  int resets() {
    return resets.get();
  }

  int calls() {
    return calls.get();
  }
}
