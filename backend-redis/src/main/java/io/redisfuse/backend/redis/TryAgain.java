package io.redisfuse.backend.redis;

/**
 * An attempt that failed, applied nothing and may be repeated within the time limit. Never leaves
 * this package.
 */
final class TryAgain extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TryAgain(Throwable cause) {
    super(
        cause.getMessage(), cause, /* enableSuppression= */ false, /* writableStackTrace= */ false);
  }
}
