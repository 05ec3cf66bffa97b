package io.redisfuse.backend.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Where Redis is and how to speak to it. Shows no password: not in {@link #toString}, not in {@link
 * #uri}, not in the messages of what it throws.
 *
 * @param uri {@code redis://[USER@]HOST[:PORT][/DB]}, or {@code rediss:} for TLS with the server's
 *     certificate and name checked. A password in it ({@code USER:PASSWORD@} or {@code :PASSWORD@})
 *     moves to {@code password}; a missing port becomes 6379, a missing database 0.
 * @param password asked for again on each new connection, so that it may change meanwhile
 * @param timeLimit how long a call waits for Redis in all, retries included. Where a call is of
 *     many round trips (scans, large values) each may take so long, and the transfer of a large
 *     value is granted a second more for every 8 MiB.
 * @param connections how many connections there are at most, apart from one for each change feed
 * @param scanPause how long a scan of all keys leaves the server to others after each thousand
 */
public record RedisOptions(
    URI uri,
    Optional<Supplier<char[]>> password,
    Duration timeLimit,
    int connections,
    Duration scanPause) {

  public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(10);
  public static final int DEFAULT_CONNECTIONS = 64;

  private static final int DEFAULT_PORT = 6379;
  private static final Pattern SECRET = Pattern.compile("(//[^@/]*?:)[^/]*@");

  /**
   * @throws IllegalArgumentException if something of it cannot be; the message says what
   */
  public RedisOptions {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(password, "password");
    Objects.requireNonNull(timeLimit, "timeLimit");
    Objects.requireNonNull(scanPause, "scanPause");
    requireRedis(uri);
    databaseOf(uri);
    Optional<String> secret = passwordOf(uri);
    if (secret.isPresent() && password.isPresent()) {
      throw new IllegalArgumentException(
          "The password is given twice, in the address and beside it; leave one away.");
    }
    if (secret.isPresent()) {
      String text = secret.get();
      password = Optional.of(text::toCharArray);
    }
    uri = complete(uri);
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
          /* scanPause= */ Duration.ZERO);
    } catch (URISyntaxException e) {
      // Neither the message nor the cause of the exception is shown: both quote the whole address.
      throw new IllegalArgumentException(notRedis(uri));
    }
  }

  public RedisOptions withPassword(Supplier<char[]> secret) {
    return new RedisOptions(uri, Optional.of(secret), timeLimit, connections, scanPause);
  }

  public RedisOptions withTimeLimit(Duration limit) {
    return new RedisOptions(uri, password, limit, connections, scanPause);
  }

  public RedisOptions withConnections(int count) {
    return new RedisOptions(uri, password, timeLimit, count, scanPause);
  }

  public RedisOptions withScanPause(Duration pause) {
    return new RedisOptions(uri, password, timeLimit, connections, pause);
  }

  String host() {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int port() {
    return uri.getPort();
  }

  /** For messages: where the server is. */
  String address() {
    return uri.getHost() + ":" + uri.getPort();
  }

  boolean tls() {
    return uri.getScheme().equalsIgnoreCase("rediss");
  }

  int database() {
    return databaseOf(uri);
  }

  Optional<String> user() {
    return Optional.ofNullable(uri.getRawUserInfo()).map(RedisOptions::decoded);
  }

  @Override
  public String toString() {
    return uri + " (time limit " + timeLimit + ", " + connections + " connections)";
  }

  private static void requireRedis(URI uri) {
    boolean redis =
        "redis".equalsIgnoreCase(uri.getScheme()) || "rediss".equalsIgnoreCase(uri.getScheme());
    if (!redis
        || uri.getHost() == null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || uri.getPort() == 0
        || uri.getPort() > 65535) {
      throw new IllegalArgumentException(notRedis(uri.toString()));
    }
  }

  private static String notRedis(String uri) {
    return "The address "
        + SECRET.matcher(uri).replaceFirst("$1***@")
        + " is not one of Redis; write redis://HOST:PORT/DATABASE, or rediss: for TLS.";
  }

  private static int databaseOf(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (path.isEmpty() || path.equals("/")) {
      return 0;
    }
    if (!path.matches("/[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "The database " + path + " is not a number; write redis://HOST:PORT/DATABASE.");
    }
    return Integer.parseInt(path.substring(1));
  }

  private static Optional<String> passwordOf(URI uri) {
    String login = uri.getRawUserInfo();
    int colon = login == null ? -1 : login.indexOf(':');
    return colon < 0 || colon == login.length() - 1
        ? Optional.empty()
        : Optional.of(decoded(login.substring(colon + 1)));
  }

  private static URI complete(URI uri) {
    String login = uri.getRawUserInfo();
    String user = login == null ? "" : login.split(":", 2)[0];
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    return URI.create(
        uri.getScheme()
            + "://"
            + (user.isEmpty() ? "" : user + "@")
            + uri.getHost()
            + ":"
            + port
            + "/"
            + databaseOf(uri));
  }

  private static String decoded(String part) {
    // URLDecoder is for forms, where '+' is a space.
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
