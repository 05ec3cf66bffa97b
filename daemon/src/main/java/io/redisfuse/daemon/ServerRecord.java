package io.redisfuse.daemon;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.redisfuse.api.ServerListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the server answers, how often and for how long it did not, and what became of commits
 * whose answers were lost: counted, and kept for whoever wants to see it.
 *
 * <p>Safe for threads. While the server answers, to hear so costs a look at one field.
 */
final class ServerRecord implements ServerListener {

  private final InstantSource clock;
  private final Timer failover;
  private final Timer feedLag;
  private final Counter reconnects;
  private final Counter moves;
  private final Map<Resolution, Counter> resolutions = new EnumMap<>(Resolution.class);
  private volatile Circuit circuit = Circuit.CLOSED;

  /** Written with this locked, as what follows; null while the server answers. */
  private volatile Silence silence;

  private volatile Optional<Duration> lastSilence = Optional.empty();

  /**
   * The server does not answer.
   *
   * @param since when a call failed first
   * @param reason of the last failure, in a few words
   */
  record Silence(Instant since, String reason) {}

  ServerRecord(MeterRegistry metrics, InstantSource clock) {
    this.clock = clock;
    this.failover =
        Timer.builder("redisfuse.failover")
            .description(
                "From the first call that failed, or the loss of the master, to the first that"
                    + " succeeded again, be it with the same server or with another")
            .register(metrics);
    this.feedLag =
        Timer.builder("redisfuse.feed.lag")
            .description("From when a change was heard of until the file system had been told")
            .register(metrics);
    this.reconnects =
        Counter.builder("redisfuse.reconnects")
            .description("How often there was a connection again after one was lost")
            .register(metrics);
    this.moves =
        Counter.builder("redisfuse.server.moves")
            .description("How often another server has taken the place of the one before")
            .register(metrics);
    Gauge.builder("redisfuse.server.answers", this, record -> record.silence().isEmpty() ? 1 : 0)
        .description("Whether the server answers: 1, or 0")
        .strongReference(true)
        .register(metrics);
    for (Circuit state : Circuit.values()) {
      Gauge.builder("redisfuse.circuit.state", this, record -> record.circuit == state ? 1 : 0)
          .description("Whether the server is asked: 1 for the state that the circuit is in")
          .tag("state", nameOf(state))
          .strongReference(true)
          .register(metrics);
    }
    for (Resolution resolution : Resolution.values()) {
      resolutions.put(
          resolution,
          Counter.builder("redisfuse.unknown.outcomes")
              .description("Commits whose answers were lost, by what was found out of them")
              .tag("resolution", nameOf(resolution))
              .register(metrics));
    }
  }

  private static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void answered() {
    if (silence != null) {
      end();
    }
  }

  private synchronized void end() {
    if (silence != null) {
      Duration length = Duration.between(silence.since(), clock.instant());
      failover.record(length);
      lastSilence = Optional.of(length);
      silence = null;
    }
  }

  @Override
  public synchronized void failed(String reason) {
    silence = new Silence(silence == null ? clock.instant() : silence.since(), reason);
  }

  @Override
  public void reconnected() {
    reconnects.increment();
  }

  @Override
  public synchronized void moved() {
    moves.increment();
    failed("another server has become the master");
  }

  @Override
  public void circuit(Circuit state) {
    circuit = state;
  }

  @Override
  public void resolved(Resolution how) {
    resolutions.get(how).increment();
  }

  @Override
  public void told(Duration lag) {
    feedLag.record(lag);
  }

  /** Since when it does not answer, if so. */
  Optional<Silence> silence() {
    return Optional.ofNullable(silence);
  }

  /** How long it did not, the last time. */
  Optional<Duration> lastSilence() {
    return lastSilence;
  }

  Circuit circuit() {
    return circuit;
  }

  long reconnects() {
    return (long) reconnects.count();
  }

  /** How many commits ended so. */
  long count(Resolution how) {
    return (long) resolutions.get(how).count();
  }
}
