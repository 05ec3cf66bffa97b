package io.redisfuse.it.bench;

import java.io.IOException;
import java.util.Set;

/** Something large, which is done as a whole: once in a round when cold, a few times when warm. */
final class WholeWork implements Measurement {

  private static final int ROUNDS = 7;
  private static final int LARGE_ROUNDS = 5;
  private static final long NANOS = 120_000_000L;

  private final Crew crew;
  private final Title title;
  private final Unit unit;
  private final int operations;
  private final Set<SubjectName> subjects;
  private final Whole whole;

  /** It. */
  @FunctionalInterface
  interface Whole {
    void run(Client client) throws IOException;
  }

  /** {@code operations} is how many of the unit's operations one run is. */
  WholeWork(
      Crew crew, Title title, Unit unit, int operations, Set<SubjectName> subjects, Whole whole) {
    this.crew = crew;
    this.title = title;
    this.unit = unit;
    this.operations = operations;
    this.subjects = Set.copyOf(subjects);
    this.whole = whole;
  }

  @Override
  public Title title() {
    return title;
  }

  @Override
  public Unit unit() {
    return unit;
  }

  @Override
  public int usualRounds() {
    return unit == Unit.MEBIBYTES ? LARGE_ROUNDS : ROUNDS;
  }

  @Override
  public boolean appliesTo(SubjectName subject) {
    return subjects.contains(subject);
  }

  @Override
  public void warm(Subject subject) throws IOException {
    crew.run(
        subject,
        1,
        (client, member) -> {
          whole.run(client);
          return operations;
        });
  }

  @Override
  public Sample sample(Subject subject, int round) throws IOException {
    return crew.run(
        subject,
        1,
        (client, member) -> {
          long end = System.nanoTime() + NANOS;
          long done = 0;
          do {
            whole.run(client);
            done += operations;
          } while (title.temperature() == Temperature.WARM && System.nanoTime() < end);
          return done;
        });
  }
}
