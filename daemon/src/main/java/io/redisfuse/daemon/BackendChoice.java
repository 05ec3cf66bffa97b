package io.redisfuse.daemon;

import java.time.Duration;
import java.util.Objects;

/**
 * Which backend to use, and how.
 *
 * @param name of a backend, perhaps an unknown one
 * @param server where the backend's server is; backends without a server ignore it
 * @param timeout how long any operation waits for the backend
 * @param scanPause how long the first look through all keys leaves the backend to others, again and
 *     again
 * @param tls how TLS is spoken, if it is
 */
record BackendChoice(
    String name, Server server, Duration timeout, Duration scanPause, TlsFiles tls) {

  /** The backend that has a server. */
  static final String REDIS = "redis";

  BackendChoice {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(timeout, "timeout");
    Objects.requireNonNull(scanPause, "scanPause");
    Objects.requireNonNull(tls, "tls");
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("a timeout of " + timeout);
    }
  }

  /** Without pauses, and with TLS as Java speaks it. */
  BackendChoice(String name, Server server, Duration timeout) {
    this(name, server, timeout, Duration.ZERO, TlsFiles.NONE);
  }

  /** Whether what is saved in one mount is there in the next. */
  boolean outlivesTheMount() {
    return name.equals(REDIS);
  }

  /**
   * What tells the keys of this backend from those of others, without secrets: the server's URI
   * with port and database, or the name of a backend that has no server.
   */
  String source() {
    return name.equals(REDIS) ? server.completeUri().toString() : name;
  }
}
