package io.redisfuse.frontend.tree;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Subscription;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Another backend as it is seen through a bad network: its feed can be lost, after which it resets,
 * and some of its scans break off.
 */
final class LossyBackend extends PartialBackend {

  private final Backend store;
  private final AtomicInteger scans = new AtomicInteger();

  /** Guards {@code lost}, and that the listener hears one thing at a time. */
  private final Object feed = new Object();

  private ChangeListener listener;
  private boolean lost;

  LossyBackend(Backend store) {
    this.store = store;
  }

  /** From now on the listener hears nothing. */
  void lose() {
    synchronized (feed) {
      lost = true;
    }
  }

  /** The listener hears a reset, and then all that follows. */
  void find() {
    synchronized (feed) {
      lost = false;
      listener.reset();
    }
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    synchronized (feed) {
      this.listener = listener;
    }
    return store.watch(
        prefix,
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            synchronized (feed) {
              if (!lost) {
                listener.changed(key);
              }
            }
          }

          @Override
          public void reset() {
            synchronized (feed) {
              if (!lost) {
                listener.reset();
              }
            }
          }
        });
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    boolean breaks = scans.incrementAndGet() % 3 == 0;
    int[] visited = {0};
    store.scan(
        prefix,
        (key, type) -> {
          visited[0]++;
          if (breaks && visited[0] > 20) {
            throw new BackendUnavailableException("The connection broke.", null);
          }
          if (visited[0] % 64 == 0) {
            // Gives the others time to change what was read and is not visited yet.
            Thread.yield();
          }
          return visitor.visit(key, type);
        });
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    Map<Cell, CellStatus> statuses = store.describe(cells);
    for (int i = 0; i < 3; i++) {
      Thread.yield();
    }
    return statuses;
  }
}
