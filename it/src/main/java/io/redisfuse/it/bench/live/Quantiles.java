package io.redisfuse.it.bench.live;

import java.util.List;

/** Quantiles of what was measured. */
final class Quantiles {

  private Quantiles() {}

  static double median(List<Double> values) {
    return at(values, 0.5);
  }

  /** The smallest value that is not below {@code share} of all; NaN if there are none. */
  static double at(List<Double> values, double share) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
  }
}
