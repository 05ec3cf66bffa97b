package io.redisfuse.backend.redis;

import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/** Says in a few words why a connection failed. */
final class Reasons {

  private Reasons() {}

  static String of(Throwable failure) {
    Throwable reason = failure;
    // Jedis hides the reason of a failed connect, one for each of the host's addresses, as
    // suppressed.
    while (reason.getCause() != null || reason.getSuppressed().length > 0) {
      reason = reason.getCause() != null ? reason.getCause() : reason.getSuppressed()[0];
    }
    if (reason instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (reason instanceof UnknownHostException) {
      return "no such host: " + reason.getMessage();
    }
    String message = reason.getMessage();
    return message == null || message.isBlank()
        ? reason.getClass().getSimpleName()
        : message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
