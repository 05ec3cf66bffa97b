package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.backend.redis.Marks.Mark;
import java.util.Optional;

/**
 * A transaction that may have been applied, or not: its answer was lost.
 *
 * @param before what was seen before it was sent
 * @param after what is to be seen if it was applied, as long as others leave it alone
 * @param mark what it has left behind if it was applied, unless it could leave nothing
 * @param unknown what to say if nobody can tell
 */
record Doubt(
    Sighting before, Sighting after, Optional<Mark> mark, OutcomeUnknownException unknown) {

  /** What has become of it. */
  enum Outcome {
    APPLIED,
    NOT_APPLIED,
    UNKNOWN
  }

  /** What has become of it, as far as {@code facts} tell. */
  Outcome outcome(Facts facts) {
    // No short cut: in the first pass every question must be put.
    boolean isAfter = after.isSeenIn(facts);
    boolean isBefore = before.isSeenIn(facts);
    if (mark.isEmpty()) {
      return isAfter ? Outcome.APPLIED : isBefore ? Outcome.NOT_APPLIED : Outcome.UNKNOWN;
    }
    Optional<Bytes> found = facts.mark(mark.get().key(), mark.get().number());
    if (found.equals(Optional.of(mark.get().number()))) {
      return Outcome.APPLIED;
    }
    return found.isEmpty() && isAfter && !isBefore ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
  }

  /** Whether something is now as the transaction would have made it, and no mark says more. */
  boolean isTracedIn(Facts facts) {
    return mark.isEmpty() && after.without(before).isSeenInPart(facts);
  }
}
