package io.redisfuse.it.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Measures several subjects in turn, round by round and each time beginning with another one, so
 * that a machine that changes its speed changes it for all, and prints medians and ratios.
 *
 * <p>Usage: {@code Bench DIRECTORY LAUNCHER REFERENCE [AREA...] [rounds=N] [subjects=NAME,...]}
 */
public final class Bench {

  private static final int WRONG_USAGE = 2;
  private static final double MOST_FOR_OTHERS = 0.1;

  private final Choice choice;
  private final PrintStream out;
  private final Results results = new Results();

  private Bench(Choice choice, PrintStream out) {
    this.choice = choice;
    this.out = out;
  }

  public static void main(String[] arguments) throws InterruptedException {
    try {
      new Bench(Choice.parse(Arrays.asList(arguments)), System.out).run();
    } catch (Choice.UsageException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(WRONG_USAGE);
    } catch (IOException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() throws IOException, InterruptedException {
    long started = System.nanoTime();
    OtherWork before = OtherWork.now();
    Starts starts = new Starts(choice);
    double others;
    try (Stage stage = new Stage()) {
      try {
        introduce();
        if (choice.areas().contains(Area.START)) {
          starts.run();
          starts.print(out);
        }
        compare(stage);
        others = OtherWork.now().share(before);
      } catch (IOException | IllegalStateException e) {
        // When we are told to end, everything is taken away under our hands.
        if (!stage.isClosed()) {
          throw e;
        }
        return;
      }
    }
    Goals.print(Goals.of(results, starts.onKernelBinding()), out);
    out.printf(
        "%nIt took %d s; others had %.0f %% of the processors meanwhile%s.%n",
        secondsSince(started),
        others * 100,
        others > MOST_FOR_OTHERS ? ": too much to believe it, repeat it when they rest" : "");
  }

  private static long secondsSince(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - nanos);
  }

  private void introduce() throws IOException {
    out.printf(
        "%s, %d processors, Java %s%n",
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"));
    out.println(
        "Medians of rounds in which all have their turn; ratios are made round by round, and above 1"
            + " are faster.");
    if (choice.reference().isEmpty()) {
      out.println(
          "The reference is left out, since it could not be compiled; install gcc and libfuse-dev.");
    } else {
      boolean flushes = System.getenv("REFERENCE_FLUSH") != null;
      out.printf(
          "Reference: C on libfuse 2, which lets the kernel keep all that it knows, and is %s when a"
              + " file is closed.%n",
          flushes ? "asked" : "not asked");
    }
    if (KernelCaches.canBeDropped()) {
      out.println("Cold: the kernel has dropped names, attributes and pages (drop_caches 3).");
    } else {
      out.println("What is cold is left out, since only root can drop the kernel's caches.");
    }
  }

  private void compare(Stage stage) throws IOException, InterruptedException {
    Set<Area> areas = choice.areas();
    try (Crew crew = new Crew()) {
      List<Measurement> plan = Plan.of(crew, areas);
      if (plan.isEmpty()) {
        return;
      }
      Path sources = choice.directory().resolve("tmpfs").resolve("sources");
      if (areas.contains(Area.GIT) || areas.contains(Area.GREP)) {
        SourceTree.create(Files.createDirectory(sources));
      }
      long started = System.nanoTime();
      List<Subject> subjects = new Subjects(stage, choice, sources).start();
      for (Subject subject : subjects) {
        subject.prepare(areas);
      }
      out.printf("%nMounts and files were made in %d s.%n", secondsSince(started));
      Table table = new Table(out, List.copyOf(choice.subjects()), results);
      out.println();
      table.head();
      for (Measurement measurement : plan) {
        if (measurement.title().temperature() == Temperature.WARM || KernelCaches.canBeDropped()) {
          measure(measurement, subjects);
          table.rows(measurement);
        }
      }
    }
  }

  private void measure(Measurement measurement, List<Subject> subjects) throws IOException {
    List<Subject> all =
        subjects.stream().filter(subject -> measurement.appliesTo(subject.name())).toList();
    for (Subject subject : all) {
      measurement.warm(subject);
    }
    // The first round is not counted: what Java compiles meanwhile, and what is done only once.
    int rounds = choice.rounds().orElse(measurement.usualRounds());
    for (int round = -1; round < rounds; round++) {
      if (measurement.title().temperature() == Temperature.COLD) {
        KernelCaches.drop();
      }
      for (int i = 0; i < all.size(); i++) {
        Subject subject = all.get((i + round + 1) % all.size());
        Sample sample = measurement.sample(subject, round);
        if (round >= 0) {
          results.add(measurement.title(), subject.name(), sample);
        }
      }
    }
  }
}
