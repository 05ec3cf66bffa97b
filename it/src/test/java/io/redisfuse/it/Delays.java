package io.redisfuse.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How long it took until changes were seen, by way of seeing. */
final class Delays {

  private final Map<Sight, List<Duration>> delays = new EnumMap<>(Sight.class);

  void add(Sight sight, Duration delay) {
    delays.computeIfAbsent(sight, none -> new ArrayList<>()).add(delay);
  }

  /** One line: median, 99th percentile and maximum of each way, in milliseconds. */
  @Override
  public String toString() {
    return delays.entrySet().stream()
        .map(entry -> describe(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String describe(Sight sight, List<Duration> values) {
    double[] millis = values.stream().mapToDouble(delay -> delay.toNanos() / 1e6).toArray();
    Arrays.sort(millis);
    return String.format(
        Locale.ROOT,
        "%s p50 %.1f p99 %.1f max %.1f ms (%d)",
        sight.name().toLowerCase(Locale.ROOT),
        millis[millis.length / 2],
        millis[millis.length * 99 / 100],
        millis[millis.length - 1],
        millis.length);
  }
}
