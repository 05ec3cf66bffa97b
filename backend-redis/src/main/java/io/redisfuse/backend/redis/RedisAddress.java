package io.redisfuse.backend.redis;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import redis.clients.jedis.HostAndPort;

/**
 * Where Redis is, as a URI says it: one server, sentinels that know which server is the master, or
 * some nodes of a cluster.
 *
 * @param isEncrypted whether TLS is spoken, with servers and sentinels alike
 * @param isCluster whether the hosts are nodes of a cluster, which know all others
 * @param master the name by which sentinels know the master; empty for one server
 * @param hosts the server, the sentinels or the nodes
 * @param user empty for the default one
 */
record RedisAddress(
    boolean isEncrypted,
    boolean isCluster,
    Optional<String> master,
    List<HostAndPort> hosts,
    int database,
    Optional<String> user) {

  private static final int SERVER_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  private static final String SENTINEL = "-sentinel";
  private static final String CLUSTER = "-cluster";
  private static final Pattern SCHEME =
      Pattern.compile("(rediss?)(" + SENTINEL + "|" + CLUSTER + ")?");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[^:,\\[\\]]+)(:[0-9]+)?");
  private static final Pattern SECRET = Pattern.compile("(//[^@/]*?:).*@");

  RedisAddress {
    hosts = List.copyOf(hosts);
    if (hosts.isEmpty() || (hosts.size() > 1 && master.isEmpty() && !isCluster)) {
      throw new IllegalArgumentException("one server, or sentinels, or a cluster: " + hosts);
    }
  }

  /**
   * What a URI says, but for a password in it.
   *
   * @throws IllegalArgumentException if it says nothing of the kind; the message says what to
   *     write, and shows no password
   */
  static RedisAddress of(URI uri) {
    Matcher scheme =
        SCHEME.matcher(uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT));
    if (!scheme.matches()
        || uri.getRawAuthority() == null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw notRedis(uri.toString());
    }
    boolean isSentinel = SENTINEL.equals(scheme.group(2));
    boolean isCluster = CLUSTER.equals(scheme.group(2));
    String authority = uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    List<HostAndPort> hosts =
        hosts(uri, authority.substring(at + 1), isSentinel ? SENTINEL_PORT : SERVER_PORT);
    if (hosts.size() > 1 && !isSentinel && !isCluster) {
      throw notRedis(uri.toString());
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    Optional<String> master = Optional.empty();
    if (isSentinel) {
      int end = path.indexOf('/', 1);
      String name = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
      if (name.isEmpty()) {
        throw new IllegalArgumentException(
            "The address "
                + masked(uri.toString())
                + " names no master; write redis-sentinel://HOST:PORT,HOST:PORT/MASTER/DATABASE.");
      }
      master = Optional.of(decoded(name));
      path = end < 0 ? "" : path.substring(end);
    }
    int database = database(path);
    if (isCluster && database != 0) {
      throw new IllegalArgumentException(
          "The address "
              + masked(uri.toString())
              + " names database "
              + database
              + ", but a cluster has only database 0; leave it away.");
    }
    String user = at < 0 ? "" : authority.substring(0, at).split(":", 2)[0];
    return new RedisAddress(
        scheme.group(1).equals("rediss"),
        isCluster,
        master,
        hosts,
        database,
        Optional.of(decoded(user)).filter(name -> !name.isEmpty()));
  }

  private static List<HostAndPort> hosts(URI uri, String text, int defaultPort) {
    List<HostAndPort> hosts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher host = HOST.matcher(part);
      int port = defaultPort;
      if (!host.matches()) {
        throw notRedis(uri.toString());
      }
      if (host.group(2) != null) {
        String digits = host.group(2).substring(1);
        port = digits.length() > 5 ? 0 : Integer.parseInt(digits);
      }
      if (port < 1 || port > 65535) {
        throw notRedis(uri.toString());
      }
      String name = host.group(1);
      hosts.add(
          new HostAndPort(
              name.startsWith("[") ? name.substring(1, name.length() - 1) : name, port));
    }
    return hosts;
  }

  private static int database(String path) {
    if (path.isEmpty() || path.equals("/")) {
      return 0;
    }
    if (!path.matches("/[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "The database " + path + " is not a number; write redis://HOST:PORT/DATABASE.");
    }
    return Integer.parseInt(path.substring(1));
  }

  /** The password in a URI, if there is one. */
  static Optional<String> passwordIn(URI uri) {
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    int colon = at < 0 ? -1 : authority.substring(0, at).indexOf(':');
    return colon < 0 || colon == at - 1
        ? Optional.empty()
        : Optional.of(decoded(authority.substring(colon + 1, at)));
  }

  /** The same in a URI, with all that was left to be understood, and without a password. */
  URI complete(URI from) {
    String authority = from.getRawAuthority();
    int at = authority.lastIndexOf('@');
    String login = at < 0 ? "" : authority.substring(0, at).split(":", 2)[0];
    return URI.create(
        from.getScheme()
            + "://"
            + (login.isEmpty() ? "" : login + "@")
            + hostsInWords()
            + master.map(name -> from.getRawPath().split("/", -1)[1]).map(n -> "/" + n).orElse("")
            + "/"
            + database);
  }

  /** For messages: where the server is. */
  String inWords() {
    return master.map(name -> name + " of the sentinels " + hostsInWords()).orElse(hostsInWords());
  }

  private String hostsInWords() {
    return hosts.stream().map(RedisAddress::inWords).collect(Collectors.joining(","));
  }

  /** For messages: a host and its port. */
  static String inWords(HostAndPort host) {
    String name = host.getHost();
    return (name.contains(":") ? "[" + name + "]" : name) + ":" + host.getPort();
  }

  /** That a text is no address. */
  static IllegalArgumentException notRedis(String uri) {
    return new IllegalArgumentException(
        "The address "
            + masked(uri)
            + " is not one of Redis; write redis://HOST:PORT/DATABASE, or rediss: for TLS, or"
            + " redis-sentinel://HOST:PORT,HOST:PORT/MASTER/DATABASE, or"
            + " redis-cluster://HOST:PORT,HOST:PORT.");
  }

  private static String masked(String uri) {
    return SECRET.matcher(uri).replaceFirst("$1***@");
  }

  private static String decoded(String part) {
    // URLDecoder is for forms, where '+' is a space.
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
