package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Subscription;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other mounts do with locks, from the first time on that somebody waits for them: a
 * connection of its own, since a mount may show other keys only.
 *
 * <p>Of one thread, but for {@link #close}.
 */
final class LockWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LockWatch.class);

  private final Backend backend;
  private final ChangeListener listener;
  private volatile Optional<Subscription> subscription = Optional.empty();
  private boolean isRefused;

  LockWatch(Backend backend, ChangeListener listener) {
    this.backend = backend;
    this.listener = listener;
  }

  /**
   * Begins, unless it has; if it cannot, it is tried again the next time.
   *
   * @return whether it has just begun, so that what was done before was not heard
   */
  boolean begin() {
    if (subscription.isPresent() || isRefused) {
      return false;
    }
    try {
      subscription = Optional.of(backend.watch(LockKeys.ALL, listener));
      return true;
    } catch (RefusedException e) {
      log.debug("Who waits for locks of other mounts looks for them from time to time.", e);
      isRefused = true;
    } catch (BackendException e) {
      log.debug("What other mounts do with locks is not heard now.", e);
    }
    return false;
  }

  @Override
  public void close() {
    subscription.ifPresent(Subscription::close);
  }
}
