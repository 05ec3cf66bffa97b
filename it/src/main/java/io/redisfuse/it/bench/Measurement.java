package io.redisfuse.it.bench;

import java.io.IOException;

/** One thing that is measured, on one subject after the other. */
interface Measurement {

  Title title();

  Unit unit();

  /**
   * How often each subject has its turn, unless somebody wants something else. Short turns and many
   * rounds are better than the opposite: what else this machine does then meets all subjects.
   */
  int usualRounds();

  boolean appliesTo(SubjectName subject);

  /** Looks at everything, so that it is warm, and Java too. Is called before the first round. */
  void warm(Subject subject) throws IOException;

  /** Does it once for a round; all subjects do the same in the same round. */
  Sample sample(Subject subject, int round) throws IOException;
}
