package io.redisfuse.daemon;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.files.FsException;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Measures how long things take, by what they are and how they end: {@code ok}, or why not. Safe
 * for threads.
 */
final class Outcomes {

  /** How it ends well. */
  static final String OK = "ok";

  private record Kind(String what, String result) {}

  private final MeterRegistry metrics;
  private final String name;
  private final String description;
  private final String tag;
  private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

  /**
   * Outcomes of one sort.
   *
   * @param name of the metric
   * @param tag what tells the things from each other
   */
  Outcomes(MeterRegistry metrics, String name, String description, String tag) {
    this.metrics = metrics;
    this.name = name;
    this.description = description;
    this.tag = tag;
  }

  /** Does something, and measures it. */
  <T> T of(String what, Supplier<T> work) {
    long start = System.nanoTime();
    String result = OK;
    try {
      return work.get();
    } catch (RuntimeException e) {
      result = nameOf(e);
      throw e;
    } finally {
      took(what, result, start);
    }
  }

  /** Does something, and measures it. */
  void of(String what, Runnable work) {
    of(
        what,
        () -> {
          work.run();
          return true;
        });
  }

  /** Something has ended that began at a time of {@link System#nanoTime}. */
  void took(String what, String result, long start) {
    Kind kind = new Kind(what, result);
    // Looked for first, since to make it if it is absent takes a lock.
    Timer known = timers.get(kind);
    Timer timer = known == null ? timers.computeIfAbsent(kind, this::timer) : known;
    timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
  }

  /** How many have ended how. */
  SortedMap<String, Long> byResult() {
    SortedMap<String, Long> counts = new TreeMap<>();
    timers.forEach((kind, timer) -> counts.merge(kind.result(), timer.count(), Long::sum));
    return counts;
  }

  private Timer timer(Kind kind) {
    return Timer.builder(name)
        .description(description)
        .tag(tag, kind.what())
        .tag("result", kind.result())
        .register(metrics);
  }

  /** Why something failed, in a word. */
  static String nameOf(Exception failure) {
    if (failure instanceof FsException e) {
      return e.error().name().toLowerCase(Locale.ROOT);
    }
    if (failure instanceof ConflictException) {
      return "conflict";
    }
    if (failure instanceof OutcomeUnknownException) {
      return "unknown";
    }
    if (failure instanceof BackendUnavailableException) {
      return "unavailable";
    }
    if (failure instanceof WrongTypeException) {
      return "wrong_type";
    }
    return failure instanceof RefusedException ? "refused" : "unexpected";
  }
}
