package io.redisfuse.it.bench;

import java.io.IOException;

/** Creates new files for a while, and removes them when the clock has stopped. */
final class CreatingWork extends CountedWork {

  private static final long NANOS = 120_000_000L;
  private static final int WARMING_ROUNDS = 5;

  CreatingWork(Crew crew, Title title) {
    super(crew, title);
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
        crew()
            .run(
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
    crew()
        .run(
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
