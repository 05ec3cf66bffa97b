package io.redisfuse.it.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Measures several subjects in turn, round by round, so that a machine that changes its speed
 * changes it for all, and prints medians and ratios.
 *
 * <p>Usage: {@code Bench REDIS_PORT NAME=DIRECTORY...}; the first directory is the reference.
 */
public final class Bench {

  private static final int ROUNDS = 5;
  private static final long MEASURED_NANOS = 700_000_000L;
  private static final int LARGE_ROUNDS = 3;

  private final List<Subject> subjects;
  private final PrintStream out;
  private final SplittableRandom random = new SplittableRandom(1);
  private long created;

  private Bench(List<Subject> subjects, PrintStream out) {
    this.subjects = subjects;
    this.out = out;
  }

  /** One thing that is measured; returns how much was done in a second. */
  @FunctionalInterface
  private interface Measurement {
    double perSecond(Subject subject) throws IOException;
  }

  public static void main(String[] arguments) throws IOException {
    List<Subject> subjects = new ArrayList<>();
    for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
      String[] parts = argument.split("=", 2);
      subjects.add(new MountedSubject(parts[0], Path.of(parts[1])));
    }
    subjects.add(new JedisSubject(Integer.parseInt(arguments[0])));
    try {
      new Bench(subjects, System.out).run();
    } finally {
      subjects.forEach(Subject::close);
    }
  }

  private void run() throws IOException {
    for (Subject subject : subjects) {
      subject.prepare();
    }
    out.printf(
        "medians of %d rounds, all subjects in turn; xN: against %s, (xN): against jedis%n%n",
        ROUNDS, subjects.get(0).name());
    out.printf("%-24s", "");
    subjects.forEach(subject -> out.printf("%28s", subject.name()));
    out.println();
    measure("stat /s", ROUNDS, subject -> repeat(() -> subject.stat(file())));
    measure("open-read-close /s", ROUNDS, subject -> repeat(() -> subject.read(file())));
    measure("create-write-close /s", ROUNDS, this::creations);
    measure("list 10,000 with sizes /s", ROUNDS, Bench::listing);
    measure("write 256 MiB, MiB/s", LARGE_ROUNDS, subject -> large(subject::writeLarge));
    measure("read 256 MiB, MiB/s", LARGE_ROUNDS, subject -> large(subject::readLarge));
  }

  private void measure(String what, int rounds, Measurement measurement) throws IOException {
    Map<Subject, List<Double>> results = new LinkedHashMap<>();
    for (Subject subject : subjects) {
      measurement.perSecond(subject); // warm
      results.put(subject, new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      for (Subject subject : subjects) {
        results.get(subject).add(measurement.perSecond(subject));
      }
    }
    List<Double> medians = results.values().stream().map(Bench::median).toList();
    double reference = medians.get(0);
    double jedis = medians.get(medians.size() - 1);
    out.printf("%-24s", what);
    for (double median : medians) {
      out.printf(
          "%28s", String.format("%,.0f x%.2f (x%.2f)", median, median / reference, median / jedis));
    }
    out.println();
  }

  /** Something that is done once. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static double repeat(Step step) throws IOException {
    long start = System.nanoTime();
    long steps = 0;
    long elapsed;
    do {
      step.run();
      steps++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < MEASURED_NANOS);
    return steps * 1e9 / elapsed;
  }

  private double creations(Subject subject) throws IOException {
    List<String> names = new ArrayList<>();
    double perSecond =
        repeat(
            () -> {
              String name = "new" + created++;
              names.add(name);
              subject.create(name);
            });
    for (String name : names) {
      subject.remove(name);
    }
    return perSecond;
  }

  private static double listing(Subject subject) throws IOException {
    long start = System.nanoTime();
    int entries = subject.list();
    if (entries < Sizes.LISTED_FILES) {
      throw new IOException(subject.name() + " lists just " + entries);
    }
    return entries * 1e9 / (System.nanoTime() - start);
  }

  private static double large(Step step) throws IOException {
    long start = System.nanoTime();
    step.run();
    return Sizes.LARGE_MIB * 1e9 / (System.nanoTime() - start);
  }

  private int file() {
    return random.nextInt(Sizes.SMALL_FILES);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
