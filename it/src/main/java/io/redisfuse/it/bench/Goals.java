package io.redisfuse.it.bench;

import static io.redisfuse.it.bench.SubjectName.JEDIS;
import static io.redisfuse.it.bench.SubjectName.KERNEL_MEMORY;
import static io.redisfuse.it.bench.SubjectName.KERNEL_REDIS;
import static io.redisfuse.it.bench.SubjectName.REFERENCE;
import static io.redisfuse.it.bench.Temperature.COLD;
import static io.redisfuse.it.bench.Temperature.WARM;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What the kernel binding should reach, beside what it has reached. */
final class Goals {

  private static final int MANY = 48;

  private final Results results;
  private final List<Goal> goals = new ArrayList<>();

  private Goals(Results results) {
    this.results = results;
  }

  /** {@code starts} is how long the memory backend took to get ready, in seconds. */
  static List<Goal> of(Results results, List<Double> starts) {
    Goals goals = new Goals(results);
    goals.onMemory();
    goals.onRedis();
    goals.goals.add(
        new Goal("seconds to ready, memory", Goal.Direction.AT_MOST, 0.6, "%.2f", starts));
    return List.copyOf(goals.goals);
  }

  private void onMemory() {
    againstReference(Plan.stat(WARM, 1), 1.0);
    againstReference(Plan.open(WARM, 1), 1.1);
    againstReference(Plan.open(WARM, 4), 1.4);
    againstReference(Plan.open(COLD, 1), 1.2);
    againstReference(Plan.LIST_COLD, 4.0);
    againstReference(Plan.CREATE, 0.9);
    againstReference(Plan.LARGE_WRITE, 1.25);
    againstReference(Plan.LARGE_READ, 1.0);
    for (Temperature temperature : Temperature.values()) {
      againstReference(Plan.stat(temperature, MANY), 1.0);
      againstReference(Plan.open(temperature, MANY), 1.0);
    }
  }

  private void againstReference(Title title, double wanted) {
    add("memory : reference   " + title, wanted, results.speeds(title, KERNEL_MEMORY, REFERENCE));
  }

  private void onRedis() {
    for (int clients : Plan.CLIENTS) {
      asOnMemory(Plan.stat(WARM, clients));
      asOnMemory(Plan.open(WARM, clients));
    }
    Title cold = Plan.open(COLD, 1);
    List<Double> get = results.times(cold, JEDIS);
    List<Double> open = results.times(cold, REFERENCE);
    List<Double> sums =
        IntStream.range(0, Math.min(get.size(), open.size()))
            .mapToObj(i -> get.get(i) + open.get(i))
            .toList();
    add(
        "redis : GET + reference   " + cold,
        0.6,
        Results.divide(sums, results.times(cold, KERNEL_REDIS)));
    add(
        "redis : WATCH GET MULTI SET EXEC   " + Plan.OVERWRITE,
        0.7,
        results.speeds(Plan.OVERWRITE, KERNEL_REDIS, JEDIS));
  }

  private void asOnMemory(Title title) {
    add("redis : memory   " + title, 1.0, results.speeds(title, KERNEL_REDIS, KERNEL_MEMORY));
  }

  private void add(String what, double wanted, List<Double> values) {
    goals.add(Goal.ratio(what, wanted, values));
  }

  static void print(List<Goal> goals, PrintStream out) {
    List<Goal> measured = goals.stream().filter(Goal::isMeasured).toList();
    if (measured.isEmpty()) {
      return;
    }
    out.printf("%n%-62s%8s%10s%16s%n", "kernel binding", "goal", "median", "rounds");
    for (Goal goal : measured) {
      String range = goal.format() + " to " + goal.format();
      out.printf(
          "%-62s%8s%10s%16s   %s%n",
          goal.what(),
          goal.format().formatted(goal.wanted()),
          goal.format().formatted(goal.reached()),
          range.formatted(goal.lowest(), goal.highest()),
          goal.verdict());
    }
    if (measured.size() < goals.size()) {
      out.printf("%d more goals were not measured.%n", goals.size() - measured.size());
    }
  }
}
