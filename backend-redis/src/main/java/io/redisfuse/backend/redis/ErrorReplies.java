package io.redisfuse.backend.redis;

import io.redisfuse.api.RefusedException;
import io.redisfuse.api.RefusedException.Reason;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisDataException;

/** What the error replies of Redis mean. The only place that knows their words. */
final class ErrorReplies {

  /** Replies of a server that will be able to answer soon, or after a failover. */
  private static final Set<String> PASSING =
      Set.of("LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY");

  private static final String UNREPORTED =
      " What others change is found when files are opened, and by looking through all keys from time"
          + " to time.";

  private ErrorReplies() {}

  /** Whether the same command may succeed in a moment. */
  static boolean isPassing(JedisDataException error) {
    return PASSING.contains(code(error)) || says(error, "max number of clients reached");
  }

  /** Whether the server has no memory left for what was asked, or for having it wait for EXEC. */
  static boolean isOutOfMemory(JedisDataException error) {
    return code(error).equals("OOM");
  }

  /** Whether the user may not do this, or not with these keys. */
  static boolean isForbidden(JedisDataException error) {
    return code(error).equals("NOPERM");
  }

  /** Whether some of the keys are elsewhere, or nowhere, while their slot is on its way. */
  static boolean isBetweenNodes(JedisDataException error) {
    return error instanceof JedisAskDataException || code(error).equals("TRYAGAIN");
  }

  /** Whether the server takes no writes since it is a replica. */
  static boolean isReplica(RuntimeException error) {
    return error instanceof JedisDataException reply && code(reply).equals("READONLY");
  }

  private static boolean isUnknown(JedisDataException error) {
    return says(error, "unknown command") || says(error, "unknown subcommand");
  }

  static boolean isWrongType(Object reply) {
    return reply instanceof JedisDataException error && code(error).equals("WRONGTYPE");
  }

  /** Whether the server lost the script, and can be sent it again. */
  static boolean isNoScript(Object reply) {
    return reply instanceof JedisDataException error && code(error).equals("NOSCRIPT");
  }

  /** Whether the server does not know scripts, or does not let this user run them. */
  static boolean isForbiddenScript(Object reply) {
    return reply instanceof JedisDataException error
        && (says(error, "unknown command") || code(error).equals("NOPERM"))
        && (says(error, "'eval") || says(error, "`eval"));
  }

  static boolean isSyntaxError(Object reply) {
    return reply instanceof JedisDataException error && says(error, "syntax error");
  }

  /** Whether the server is no node of a cluster. */
  static boolean isNoCluster(JedisDataException error) {
    return says(error, "cluster support disabled");
  }

  static boolean isWithoutAppendOnlyFile(JedisDataException error) {
    return says(error, "appendonly is disabled");
  }

  /**
   * Why the server refused, as a sentence.
   *
   * @param doing what was refused, to follow "Redis at HOST:PORT did not let …"
   */
  static RefusedException refusal(JedisDataException error, String address, String doing) {
    String server = "Redis at " + address + " ";
    return switch (code(error)) {
      case "NOAUTH" ->
          refused(
              Reason.NOT_PERMITTED,
              server + "wants a password; give it in REDISFUSE_URI or a password file.",
              error);
      case "WRONGPASS" -> wrongPassword(error, server);
      case "NOPERM" ->
          refused(
              Reason.NOT_PERMITTED,
              server + "does not permit this user to " + doing + "; ask for it with ACL SETUSER.",
              error);
      case "DENIED" ->
          refused(
              Reason.NOT_PERMITTED,
              server
                  + "is in protected mode: it serves its own machine only until it has a"
                  + " password.",
              error);
      case "OOM" ->
          refused(
              Reason.NO_SPACE,
              server + "has no memory left to " + doing + "; raise its maxmemory or delete keys.",
              error);
      case "READONLY" ->
          refused(
              Reason.READ_ONLY,
              server
                  + "is a replica and takes no writes, so it did not "
                  + doing
                  + "; give the address of its master, or one of sentinels.",
              error);
      case "MISCONF" ->
          refused(
              Reason.READ_ONLY,
              server
                  + "takes no writes since it cannot save to its disk, so it did not "
                  + doing
                  + "; see its log, and CONFIG SET stop-writes-on-bgsave-error.",
              error);
      case "NOREPLICAS" ->
          refused(
              Reason.READ_ONLY,
              server
                  + "takes no writes since too few replicas are connected, so it did not "
                  + doing
                  + "; connect them, or lower its min-replicas-to-write.",
              error);
      case "MOVED", "ASK" -> nodeOfCluster(address, error);
      default -> other(error, server, doing);
    };
  }

  /** Why a sentinel did not say who the master is, as a sentence. */
  static RefusedException refusalBySentinel(JedisDataException error, String address) {
    String cure =
        switch (code(error)) {
          case "NOAUTH" ->
              "wants a password; give it in REDISFUSE_URI or a password file: that of the sentinels"
                  + " must be that of the servers.";
          case "WRONGPASS" ->
              "does not accept this user and password; those of the sentinels must be those of the"
                  + " servers.";
          default ->
              "does not let this user ask for the master; grant +sentinel there with ACL SETUSER.";
        };
    return refused(Reason.NOT_PERMITTED, "The sentinel at " + address + " " + cure, error);
  }

  /**
   * That the server does not report changes, as a sentence.
   *
   * @param error its answer to HELLO 3 or CLIENT TRACKING
   * @param version that of the server, if known
   */
  static RefusedException cannotTrack(
      JedisDataException error, String address, Optional<String> version) {
    String server = "Redis at " + address + " ";
    if (code(error).equals("NOPERM")) {
      return refused(
          Reason.NOT_PERMITTED,
          server
              + "does not permit this user to run CLIENT TRACKING, by which it would report changes;"
              + " grant +client|tracking with ACL SETUSER."
              + UNREPORTED,
          error);
    }
    String cause =
        version.filter(ErrorReplies::isBeforeTracking).isPresent()
            ? "is of version " + version.get() + ", and only 6.0 or later reports changes."
            : "does not know HELLO 3 or CLIENT TRACKING, by which Redis 6.0 or later reports changes"
                + version.map(number -> " (it says that it is " + number + ").").orElse(".");
    // The reply, and so the cause, quotes the arguments: of HELLO they are the password.
    return refused(Reason.UNSUPPORTED, server + cause + UNREPORTED, /* cause= */ null);
  }

  private static boolean isBeforeTracking(String version) {
    return version.matches("[0-5]\\..*");
  }

  /** That the server has only a part of the keys. */
  static RefusedException nodeOfCluster(String address, Throwable cause) {
    return refused(
        Reason.UNSUPPORTED,
        "Redis at "
            + address
            + " is a node of a cluster and has only a part of the keys; write redis-cluster:// or"
            + " rediss-cluster:// instead of redis:// or rediss://.",
        cause);
  }

  private static RefusedException wrongPassword(JedisDataException error, String server) {
    return refused(
        Reason.NOT_PERMITTED,
        server + "does not accept this user and password; check both.",
        error);
  }

  private static RefusedException other(JedisDataException error, String server, String doing) {
    if (isUnknown(error)) {
      // The reply, and so the cause, quotes the arguments: of HELLO and AUTH they are the password.
      return refused(
          Reason.UNSUPPORTED,
          server + "does not know a command that is needed to " + doing + "; redisfuse needs 6.0.",
          /* cause= */ null);
    }
    if (says(error, "ERR invalid password")) {
      // Before Redis 6.0.
      return wrongPassword(error, server);
    }
    if (says(error, "ACL failure in script")) {
      return refused(
          Reason.NOT_PERMITTED,
          server + "does not permit this user to " + doing + "; ask for it with ACL SETUSER.",
          error);
    }
    if (says(error, "string exceeds maximum")) {
      return refused(
          Reason.TOO_LARGE, server + "has a limit below what it takes to " + doing + ".", error);
    }
    if (says(error, "DB index is out of range") || says(error, "invalid DB index")) {
      return refused(
          Reason.UNSUPPORTED,
          server + "has no database of that number; it has as many as its option databases says.",
          error);
    }
    return refused(
        Reason.OTHER, server + "did not " + doing + ": " + error.getMessage() + ".", error);
  }

  private static RefusedException refused(Reason reason, String message, Throwable cause) {
    return new RefusedException(reason, message, cause);
  }

  private static String code(JedisDataException error) {
    String message = words(error);
    int space = message.indexOf(' ');
    return space < 0 ? message : message.substring(0, space);
  }

  private static boolean says(JedisDataException error, String words) {
    return words(error).toLowerCase(Locale.ROOT).contains(words.toLowerCase(Locale.ROOT));
  }

  private static String words(JedisDataException error) {
    return error.getMessage() == null ? "" : error.getMessage();
  }
}
