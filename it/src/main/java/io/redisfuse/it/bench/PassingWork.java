package io.redisfuse.it.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A step that is done once with each of many small files, chosen at random, so that each is cold.
 */
final class PassingWork extends CountedWork {

  private static final int FILES = 1_500;

  private final Step step;

  PassingWork(Crew crew, Title title, Step step) {
    super(crew, title);
    this.step = step;
  }

  @Override
  public void warm(Subject subject) throws IOException {
    sample(subject, 0);
  }

  @Override
  public Sample sample(Subject subject, int round) throws IOException {
    Integer[] files = IntStream.range(0, Sizes.SMALL_FILES).boxed().toArray(Integer[]::new);
    List<Integer> order = Arrays.asList(files);
    Collections.shuffle(order, new Random(round));
    return crew()
        .run(
            subject,
            title().clients(),
            (client, member) -> {
              long done = 0;
              for (int i = member; i < FILES; i += title().clients()) {
                step.run(client, files[i]);
                done++;
              }
              return done;
            });
  }
}
