package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.RefusedException;

/** Chooses the backend for an address: {@link RedisBackend} or {@link ClusterBackend}. */
public final class RedisBackends {

  private RedisBackends() {}

  /**
   * Connects to what the options name.
   *
   * @throws BackendUnavailableException if no Redis answers there
   * @throws RefusedException if it wants a password, or another one, or is something else than the
   *     address says
   */
  public static Backend connect(RedisOptions options) {
    return options.address().isCluster()
        ? ClusterBackend.connect(options)
        : RedisBackend.connect(options);
  }
}
