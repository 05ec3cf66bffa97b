package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Files whose names processes have just taken away, by a rename or an unlink. If the same process
 * soon makes a file of the same name, that was a save: vim renames a file to its backup and writes
 * a new one, tar unlinks a file and unpacks another. The file then stays what it was, a string or a
 * field, and keeps its TTL, whatever a new file of that name would become.
 *
 * <p>Safe for threads.
 */
final class Departures {

  /** Nobody who saves takes longer between the two. */
  private static final Duration MEMORY = Duration.ofMinutes(1);

  private static final int MOST = 1_000;

  /**
   * What a name stood for.
   *
   * @param expiry when its key would have expired, if ever
   */
  record Departure(Cell cell, Optional<Instant> expiry) {}

  private record Name(Bytes stem, Bytes name) {}

  private record Left(Departure departure, ProcessId process, Instant since) {}

  private final InstantSource clock;

  /** Guarded by itself; the oldest first. */
  private final Map<Name, Left> recent = new LinkedHashMap<>();

  Departures(InstantSource clock) {
    this.clock = Objects.requireNonNull(clock);
  }

  /** The process has taken the name from what it stood for. */
  void left(Bytes stem, Bytes name, Found found, Optional<ProcessId> process) {
    if (!(found.identity() instanceof Identity.OfCell of) || process.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Departure departure = new Departure(of.cell(), found.ttl().map(now::plus));
    synchronized (recent) {
      Name place = new Name(stem, name);
      recent.remove(place);
      recent.put(place, new Left(departure, process.get(), now));
      if (recent.size() > MOST) {
        recent.remove(recent.keySet().iterator().next());
      }
    }
  }

  /** The name is given again: what it stood for, if the process is who took it away just now. */
  Optional<Departure> back(Bytes stem, Bytes name, Optional<ProcessId> process) {
    Left left;
    synchronized (recent) {
      left = recent.remove(new Name(stem, name));
    }
    return Optional.ofNullable(left)
        .filter(l -> clock.instant().isBefore(l.since().plus(MEMORY)))
        .filter(l -> process.filter(l.process()::equals).isPresent())
        .map(Left::departure);
  }
}
