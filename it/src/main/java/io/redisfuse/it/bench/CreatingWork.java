package io.redisfuse.it.bench;

import java.io.IOException;

/** Creates new files for a while, and removes them when the clock has stopped. */
final class CreatingWork implements Measurement {

  private static final int ROUNDS = 11;
  private static final long NANOS = 120_000_000L;
  private static final int WARMING_ROUNDS = 5;

  private final Crew crew;
  private final Title title;

  CreatingWork(Crew crew, Title title) {
    this.crew = crew;
    this.title = title;
  }

  @Override
  public Title title() {
    return title;
  }

  @Override
  public Unit unit() {
    return Unit.CALLS;
  }

  @Override
  public int usualRounds() {
    return ROUNDS;
  }

  @Override
  public boolean appliesTo(SubjectName subject) {
    return true;
  }

  @Override
  public void warm(Subject subject) throws IOException {
    for (int round = 0; round < WARMING_ROUNDS; round++) {
      sample(subject, round);
    }
  }

  @Override
  public Sample sample(Subject subject, int round) throws IOException {
    Sample sample =
        crew.run(
            subject,
            1,
            (client, member) -> {
              long end = System.nanoTime() + NANOS;
              long done = 0;
              do {
                client.create("new" + done);
                done++;
              } while (System.nanoTime() < end);
              return done;
            });
    crew.run(
        subject,
        1,
        (client, member) -> {
          for (long i = 0; i < sample.operations(); i++) {
            client.remove("new" + i);
          }
          return sample.operations();
        });
    return sample;
  }
}
