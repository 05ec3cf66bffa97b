package io.redisfuse.backend.redis;

import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;

/** What a cluster does not do. */
final class CrossSlot {

  private CrossSlot() {}

  /** That a transaction is of several slots. */
  static RefusedException refusal(Transaction transaction) {
    return new RefusedException(
        RefusedException.Reason.CROSS_SLOT,
        "Key "
            + Commits.keysOf(transaction).iterator().next()
            + " and others cannot be changed as one, since a cluster keeps them in different"
            + " slots; change them one by one, or give their names a common part in {braces}.",
        /* cause= */ null);
  }
}
