package io.redisfuse.it.bench.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures the live view.
 *
 * <p>Usage: {@code LiveBench DIRECTORY LAUNCHER [scale] [storm] [slow] [keys=N] [rounds=N]};
 * without a name, all are measured. The number of keys must be a multiple of 10,000.
 */
public final class LiveBench {

  private static final int KEYS = 1_000_000;
  private static final int ROUNDS = 3;

  private LiveBench() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path directory = Path.of(arguments[0]);
    Path launcher = Path.of(arguments[1]);
    List<String> words = Arrays.asList(arguments).subList(2, arguments.length);
    int rounds = number(words, "rounds", ROUNDS);
    boolean all = Stream.of("scale", "storm", "slow").noneMatch(words::contains);
    if (all || words.contains("scale")) {
      int keys = number(words, "keys", KEYS);
      if (keys <= 0 || keys % Shape.UNIT != 0) {
        throw new IllegalArgumentException("keys must be a multiple of " + Shape.UNIT);
      }
      new Scale(directory, launcher, keys, rounds, System.out).run();
    }
    if (all || words.contains("storm")) {
      new Storm(directory, launcher, rounds, System.out).run();
    }
    if (all || words.contains("slow")) {
      new Slow(directory, launcher, rounds, System.out).run();
    }
  }

  private static int number(List<String> words, String name, int otherwise) {
    return words.stream()
        .filter(word -> word.startsWith(name + "="))
        .map(word -> Integer.parseInt(word.substring(name.length() + 1)))
        .findFirst()
        .orElse(otherwise);
  }
}
