package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a server is and who we are to it.
 *
 * @param uri perhaps with a user, never with a password, so it may be printed
 * @param password empty if none was given
 */
record Server(URI uri, Optional<Secret> password) {

  /** The server that is used when none is named. */
  static final String DEFAULT_URI = "redis://localhost:6379/0";

  /** How the scheme of an address ends that names sentinels; what else it says Redis knows. */
  private static final String SENTINELS = "-sentinel";

  /** How the scheme of an address ends that names nodes of a cluster. */
  private static final String CLUSTER = "-cluster";

  private static final int DEFAULT_PORT = 6379;
  private static final String EXAMPLE = "write it like " + DEFAULT_URI;

  Server {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(password, "password");
    if (login(uri) != null && login(uri).contains(":")) {
      throw new IllegalArgumentException("a URI with a password");
    }
  }

  /**
   * Takes apart what a person wrote as a URI.
   *
   * @param origin where it was written, for the message
   * @throws StartException if it is no URI of a server; the message shows no password
   */
  static Server parse(String text, String origin) throws StartException {
    URI given;
    try {
      given = new URI(text);
    } catch (URISyntaxException e) {
      throw bad(text, origin, "is not a URI");
    }
    if (given.getScheme() == null || given.isOpaque()) {
      throw bad(text, origin, "does not start with redis:// or rediss://");
    }
    if (given.getRawAuthority() == null) {
      throw bad(text, origin, "names no host");
    }
    if (given.getHost() == null && !namesSeveral(given)) {
      throw bad(text, origin, "has a host or port that cannot be");
    }
    if (given.getPort() == 0 || given.getPort() > 65535) {
      throw bad(text, origin, "has a port that is not between 1 and 65535");
    }
    return new Server(withoutPassword(given), passwordIn(login(given)));
  }

  /** Whether there may be several hosts, which {@link URI} does not understand. */
  private static boolean namesSeveral(URI uri) {
    return uri.getScheme().endsWith(SENTINELS) || uri.getScheme().endsWith(CLUSTER);
  }

  /** What stands before the hosts, or null: of several hosts {@link URI} does not say it. */
  private static String login(URI uri) {
    String authority = uri.getRawAuthority();
    int at = authority == null ? -1 : authority.lastIndexOf('@');
    return at < 0 ? null : authority.substring(0, at);
  }

  /** The same server, with a password that was found elsewhere. */
  Server withPassword(Secret other) {
    return new Server(uri, Optional.of(other));
  }

  /**
   * User, host, port and database as a URI, also if the port or the database is left to be
   * understood. Nothing else of the URI is in it, so nothing secret.
   */
  URI completeUri() {
    if (uri.getScheme().endsWith(SENTINELS)) {
      String path = uri.getRawPath() == null ? "" : uri.getRawPath();
      boolean namesDatabase = path.indexOf('/', 1) > 0 && !path.endsWith("/");
      String complete = namesDatabase ? path : path.replaceFirst("/$", "") + "/0";
      return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + complete);
    }
    if (uri.getScheme().endsWith(CLUSTER)) {
      // There is no database but this.
      return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + "/0");
    }
    String user = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo() + "@";
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    String path = uri.getRawPath();
    String database = path == null || path.isEmpty() || path.equals("/") ? "/0" : path;
    return URI.create(uri.getScheme() + "://" + user + uri.getHost() + ":" + port + database);
  }

  private static Optional<Secret> passwordIn(String login) {
    int colon = login == null ? -1 : login.indexOf(':');
    return colon < 0
        ? Optional.empty()
        : Optional.of(decoded(login.substring(colon + 1)))
            .filter(password -> !password.isEmpty())
            .map(Secret::new);
  }

  /** Undoes percent escapes. A plus is a plus here, unlike in forms. */
  private static String decoded(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), UTF_8);
  }

  private static URI withoutPassword(URI given) {
    return URI.create(
        given
            .toString()
            .replaceFirst("//:[^/@]*@", "//")
            .replaceFirst("//([^/:@]+):[^/@]*@", "//$1@"));
  }

  private static StartException bad(String text, String origin, String reason) {
    return StartException.usage(
        "The URI " + masked(text) + " from " + origin + " " + reason + "; " + EXAMPLE + ".");
  }

  /** Hides whatever might be a login, also in text that is no URI. */
  private static String masked(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      return text;
    }
    int authority = text.indexOf("//");
    String head = authority >= 0 && authority < at ? text.substring(0, authority + 2) : "";
    return head + "****" + text.substring(at);
  }
}
