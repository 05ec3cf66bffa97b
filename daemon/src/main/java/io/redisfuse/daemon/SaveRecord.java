package io.redisfuse.daemon;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.redisfuse.frontend.files.SaveResult;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts saves by how they end. Safe for threads. */
final class SaveRecord {

  private final Map<SaveResult, Counter> counters = new EnumMap<>(SaveResult.class);

  SaveRecord(MeterRegistry metrics) {
    for (SaveResult result : SaveResult.values()) {
      counters.put(
          result,
          Counter.builder("redisfuse.saves")
              .description("Saves of programs, by how they ended")
              .tag("result", result.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
  }

  void ended(SaveResult result) {
    counters.get(result).increment();
  }

  long count(SaveResult result) {
    return (long) counters.get(result).count();
  }
}
