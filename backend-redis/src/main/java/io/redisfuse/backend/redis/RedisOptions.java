package io.redisfuse.backend.redis;

import io.redisfuse.api.ServerListener;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where Redis is and how to speak to it. Shows no password: not in {@link #toString}, not in {@link
 * #uri}, not in the messages of what it throws.
 *
 * @param uri {@code redis://[USER@]HOST[:PORT][/DB]}, or {@code rediss:} for TLS with the server's
 *     certificate and name checked; or {@code redis-sentinel://[USER@]HOST[:PORT],…/MASTER[/DB]},
 *     or {@code rediss-sentinel:}, for the master that sentinels know by that name; or {@code
 *     redis-cluster://[USER@]HOST[:PORT],…}, or {@code rediss-cluster:}, for the cluster of which
 *     these are nodes. A password in it ({@code USER:PASSWORD@} or {@code :PASSWORD@}) moves to
 *     {@code password}; a missing port becomes 6379, or 26379 of a sentinel, a missing database 0.
 * @param password asked for again on each new connection, so that it may change meanwhile
 * @param timeLimit how long a call waits for Redis in all, retries included. Where a call is of
 *     many round trips (scans, large values) each may take so long, and the transfer of a large
 *     value is granted a second more for every 8 MiB.
 * @param connections how many connections there are at most, apart from one for each change feed
 * @param scanPause how long a scan of all keys leaves the server to others after each thousand
 * @param tls how TLS is spoken, if the address says that it is
 * @param listener hears how the server answers
 */
public record RedisOptions(
    URI uri,
    Optional<Supplier<char[]>> password,
    Duration timeLimit,
    int connections,
    Duration scanPause,
    TlsOptions tls,
    ServerListener listener) {

  public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(10);
  public static final int DEFAULT_CONNECTIONS = 64;

  /**
   * @throws IllegalArgumentException if something of it cannot be; the message says what
   */
  public RedisOptions {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(password, "password");
    Objects.requireNonNull(timeLimit, "timeLimit");
    Objects.requireNonNull(scanPause, "scanPause");
    Objects.requireNonNull(tls, "tls");
    Objects.requireNonNull(listener, "listener");
    RedisAddress address = RedisAddress.of(uri);
    Optional<String> secret = RedisAddress.passwordIn(uri);
    if (secret.isPresent() && password.isPresent()) {
      throw new IllegalArgumentException(
          "The password is given twice, in the address and beside it; leave one away.");
    }
    if (secret.isPresent()) {
      String text = secret.get();
      password = Optional.of(text::toCharArray);
    } else if (password.isEmpty() && address.user().isPresent()) {
      // Without one Redis would not be told of the user, and take us for the default one.
      password = Optional.of(() -> new char[0]);
    }
    uri = address.complete(uri);
    if (timeLimit.toMillis() < 1) {
      throw new IllegalArgumentException(
          "The time limit is " + timeLimit + "; give a millisecond or more.");
    }
    if (scanPause.isNegative()) {
      throw new IllegalArgumentException("The pause is " + scanPause + "; give 0 or more.");
    }
    if (connections < 1) {
      throw new IllegalArgumentException(
          "The number of connections is " + connections + "; give 1 or more.");
    }
  }

  /**
   * The options for an address, with the defaults for all else.
   *
   * @throws IllegalArgumentException if the address cannot be; the message says what to write
   */
  public static RedisOptions of(String uri) {
    try {
      return new RedisOptions(
          new URI(uri),
          Optional.empty(),
          DEFAULT_TIME_LIMIT,
          DEFAULT_CONNECTIONS,
          /* scanPause= */ Duration.ZERO,
          TlsOptions.DEFAULTS,
          ServerListener.NOBODY);
    } catch (URISyntaxException e) {
      // Neither the message nor the cause of the exception is shown: both quote the whole address.
      throw RedisAddress.notRedis(uri);
    }
  }

  public RedisOptions withPassword(Supplier<char[]> secret) {
    return new RedisOptions(
        uri, Optional.of(secret), timeLimit, connections, scanPause, tls, listener);
  }

  public RedisOptions withTimeLimit(Duration limit) {
    return new RedisOptions(uri, password, limit, connections, scanPause, tls, listener);
  }

  public RedisOptions withConnections(int count) {
    return new RedisOptions(uri, password, timeLimit, count, scanPause, tls, listener);
  }

  public RedisOptions withScanPause(Duration pause) {
    return new RedisOptions(uri, password, timeLimit, connections, pause, tls, listener);
  }

  public RedisOptions withTls(TlsOptions how) {
    return new RedisOptions(uri, password, timeLimit, connections, scanPause, how, listener);
  }

  public RedisOptions withListener(ServerListener who) {
    return new RedisOptions(uri, password, timeLimit, connections, scanPause, tls, who);
  }

  RedisAddress address() {
    return RedisAddress.of(uri);
  }

  @Override
  public String toString() {
    return uri + " (time limit " + timeLimit + ", " + connections + " connections)";
  }
}
