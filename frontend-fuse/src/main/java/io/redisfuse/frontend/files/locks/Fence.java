package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Expectation;
import java.util.Optional;

/**
 * What a save of a cell must know of the locks that its writers have taken.
 *
 * @param expected what must be so for their locks to count still; empty if they hold none
 * @param isLost whether they have lost one, and were not told
 */
public record Fence(Optional<Expectation> expected, boolean isLost) {

  /** Of writers who have locked nothing. */
  public static final Fence NONE = new Fence(Optional.empty(), /* isLost= */ false);
}
