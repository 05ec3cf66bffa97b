package io.redisfuse.it.bench;

import java.io.IOException;

/** One thing that is measured, on one subject after the other. */
interface Measurement {

  Title title();

  Unit unit();

  /** How often each subject should have its turn, at most. */
  default int mostRounds() {
    return Integer.MAX_VALUE;
  }

  boolean appliesTo(SubjectName subject);

  /** Looks at everything once, so that it is warm. Is called before the first round. */
  default void warm(Subject subject) throws IOException {}

  /** Does it once for a round; all subjects do the same in the same round. */
  Sample sample(Subject subject, int round) throws IOException;
}
