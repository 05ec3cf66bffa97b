package io.redisfuse.it.bench;

import java.io.IOException;
import java.util.SplittableRandom;

/** A step that is done with warm files, chosen at random, for a while. */
final class RepeatedWork extends CountedWork {

  private static final long NANOS = 120_000_000L;
  private static final long WARMING_NANOS = 600_000_000L;

  private final int files;
  private final Step step;

  RepeatedWork(Crew crew, Title title, int files, Step step) {
    super(crew, title);
    this.files = files;
    this.step = step;
  }

  @Override
  public void warm(Subject subject) throws IOException {
    crew()
        .run(
            subject,
            1,
            (client, member) -> {
              long end = System.nanoTime() + WARMING_NANOS;
              long done = 0;
              do {
                step.run(client, (int) (done % files));
                done++;
              } while (done < files || System.nanoTime() < end);
              return done;
            });
  }

  @Override
  public Sample sample(Subject subject, int round) throws IOException {
    return crew()
        .run(
            subject,
            title().clients(),
            (client, member) -> {
              SplittableRandom random = new SplittableRandom(round * 1_000L + member);
              long end = System.nanoTime() + NANOS;
              long done = 0;
              do {
                step.run(client, random.nextInt(files));
                done++;
              } while (System.nanoTime() < end);
              return done;
            });
  }
}
