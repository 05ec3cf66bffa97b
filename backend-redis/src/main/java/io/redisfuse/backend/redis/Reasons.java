package io.redisfuse.backend.redis;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Says in a few words why a connection failed. */
final class Reasons {

  private Reasons() {}

  static String of(Throwable failure) {
    Optional<String> ofTls = ofTls(failure);
    if (ofTls.isPresent()) {
      return ofTls.get();
    }
    List<Throwable> causes = causes(failure);
    Throwable reason = causes.get(causes.size() - 1);
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

  /** Whether there was nobody, or no way. */
  static boolean isNeverBegun(Throwable failure) {
    return causes(failure).stream()
        .anyMatch(
            cause -> cause instanceof ConnectException || cause instanceof UnknownHostException);
  }

  /** Whether there was no answer in time. */
  static boolean isLate(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return causes.get(causes.size() - 1) instanceof SocketTimeoutException;
  }

  /** Why TLS could not be spoken, and what to do; nothing if it was not for that. */
  static Optional<String> ofTls(Throwable failure) {
    List<Throwable> causes = causes(failure);
    if (causes.stream().noneMatch(SSLException.class::isInstance)) {
      return Optional.empty();
    }
    for (Throwable cause : causes) {
      if (cause instanceof CertificateExpiredException) {
        return Optional.of("its certificate has expired: have it renewed");
      }
      if (cause instanceof CertificateNotYetValidException) {
        return Optional.of("its certificate is not valid yet: look at the clocks of both machines");
      }
      if (cause instanceof CertPathBuilderException) {
        return Optional.of(
            "its certificate is not of an authority that is trusted here: give the authority's with"
                + " --tls-ca");
      }
      Optional<String> said = ofWords(cause.getMessage());
      if (said.isPresent()) {
        return said;
      }
    }
    return Optional.of("TLS failed: " + causes.get(0).getMessage());
  }

  private static Optional<String> ofWords(String message) {
    if (message == null) {
      return Optional.empty();
    }
    if (message.contains("No subject alternative") || message.contains("No name matching")) {
      return Optional.of("its certificate is for another host: give the name that it is for");
    }
    if (message.contains("Unsupported or unrecognized SSL message")) {
      return Optional.of("it does not speak TLS there: write redis:// instead of rediss://");
    }
    if (message.contains("certificate_required") || message.contains("bad_certificate")) {
      return Optional.of("it wants a certificate of ours: give one with --tls-cert and --tls-key");
    }
    if (message.contains("unknown_ca")) {
      return Optional.of("it does not trust the authority of the certificate in --tls-cert");
    }
    return Optional.empty();
  }

  /** The failure and what caused it, in that order. */
  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    Throwable cause = failure;
    while (cause != null && !causes.contains(cause)) {
      causes.add(cause);
      // Jedis hides the reason of a failed connect, one for each of the host's addresses, as
      // suppressed.
      Throwable next = cause.getCause();
      cause = next == null && cause.getSuppressed().length > 0 ? cause.getSuppressed()[0] : next;
    }
    return causes;
  }
}
