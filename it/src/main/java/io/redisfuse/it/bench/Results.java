package io.redisfuse.it.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * All samples. Ratios are made round by round, of what was measured one after the other, so that a
 * machine that changes its speed does not change them.
 */
final class Results {

  private final Map<Title, Map<SubjectName, List<Sample>>> samples = new HashMap<>();

  void add(Title title, SubjectName subject, Sample sample) {
    samples
        .computeIfAbsent(title, key -> new EnumMap<>(SubjectName.class))
        .computeIfAbsent(subject, key -> new ArrayList<>())
        .add(sample);
  }

  /** The samples of all rounds; none if it was not measured. */
  List<Sample> of(Title title, SubjectName subject) {
    return samples.getOrDefault(title, Map.of()).getOrDefault(subject, List.of());
  }

  /** How long an operation took, in nanoseconds, round by round. */
  List<Double> times(Title title, SubjectName subject) {
    return of(title, subject).stream().map(Sample::nanosPerOperation).toList();
  }

  /** How many times as fast {@code subject} was as {@code other}, round by round. */
  List<Double> speeds(Title title, SubjectName subject, SubjectName other) {
    return divide(times(title, other), times(title, subject));
  }

  /** One by one; nothing if one of the lists is empty. */
  static List<Double> divide(List<Double> dividends, List<Double> divisors) {
    return IntStream.range(0, Math.min(dividends.size(), divisors.size()))
        .mapToObj(i -> dividends.get(i) / divisors.get(i))
        .toList();
  }

  /** What an operation used, over all rounds; NaN if it is not known. */
  double used(Title title, SubjectName subject, ToDoubleFunction<Usage> what) {
    long operations = of(title, subject).stream().mapToLong(Sample::operations).sum();
    return what.applyAsDouble(used(title, subject)) / operations;
  }

  /** What all rounds used together. */
  Usage used(Title title, SubjectName subject) {
    return of(title, subject).stream().map(Sample::usage).reduce(Usage.NOTHING, Usage::plus);
  }

  /** NaN if there are none. */
  static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
