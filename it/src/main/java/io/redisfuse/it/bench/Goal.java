package io.redisfuse.it.bench;

import java.util.Collections;
import java.util.List;

/**
 * What should be reached.
 *
 * @param what in words
 * @param direction whether more or less is better
 * @param wanted the value that the median should have
 * @param format how values are printed
 * @param values what was reached, round by round; empty if it was not measured
 */
record Goal(String what, Direction direction, double wanted, String format, List<Double> values) {

  /** Which side is better. */
  enum Direction {
    AT_LEAST,
    AT_MOST
  }

  Goal {
    values = List.copyOf(values);
  }

  static Goal ratio(String what, double wanted, List<Double> values) {
    return new Goal(what, Direction.AT_LEAST, wanted, "%.2f", values);
  }

  boolean isMeasured() {
    return !values.isEmpty();
  }

  double reached() {
    return Results.median(values);
  }

  double lowest() {
    return Collections.min(values);
  }

  double highest() {
    return Collections.max(values);
  }

  String verdict() {
    double missing =
        switch (direction) {
          case AT_LEAST -> 1 - reached() / wanted;
          case AT_MOST -> reached() / wanted - 1;
        };
    if (missing <= 0) {
      return "reached";
    }
    boolean atTimes =
        switch (direction) {
          case AT_LEAST -> highest() >= wanted;
          case AT_MOST -> lowest() <= wanted;
        };
    return "missed by %.0f %%%s"
        .formatted(Math.ceil(missing * 100), atTimes ? ", reached in some rounds" : "");
  }
}
