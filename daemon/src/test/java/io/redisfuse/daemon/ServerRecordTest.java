package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.redisfuse.api.ServerListener.Circuit;
import io.redisfuse.api.ServerListener.Resolution;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ServerRecordTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final ServerRecord record = new ServerRecord(metrics, now::get);

  private void pass(int seconds) {
    now.set(now.get().plusSeconds(seconds));
  }

  private double gauge(String name, String... tags) {
    return metrics.get(name).tags(tags).gauge().value();
  }

  private double counter(String name, String... tags) {
    return metrics.get(name).tags(tags).counter().count();
  }

  @Test
  void aFailoverLastsFromTheFirstFailureToTheFirstSuccess() {
    assertThat(gauge("redisfuse.server.answers")).isEqualTo(1);
    record.failed("broken pipe");
    pass(2);
    record.failed("connection refused");
    pass(1);
    assertThat(record.silence()).contains(new ServerRecord.Silence(START, "connection refused"));
    assertThat(gauge("redisfuse.server.answers")).isZero();

    record.answered();
    record.answered();

    assertThat(record.silence()).isEmpty();
    assertThat(record.lastSilence()).contains(Duration.ofSeconds(3));
    assertThat(gauge("redisfuse.server.answers")).isEqualTo(1);
    assertThat(metrics.get("redisfuse.failover").timer().count()).isEqualTo(1);
    assertThat(metrics.get("redisfuse.failover").timer().totalTime(TimeUnit.SECONDS)).isEqualTo(3);
  }

  @Test
  void aMasterThatIsLostWhileNobodyAsksIsAFailoverToo() {
    record.moved();
    pass(1);
    record.answered();

    assertThat(counter("redisfuse.server.moves")).isEqualTo(1);
    assertThat(record.lastSilence()).contains(Duration.ofSeconds(1));
  }

  @Test
  void aMasterThatIsReplacedWhileItIsSilentIsOneFailover() {
    record.failed("no answer in time");
    pass(1);
    record.moved();
    pass(1);
    record.answered();

    assertThat(metrics.get("redisfuse.failover").timer().count()).isEqualTo(1);
    assertThat(record.lastSilence()).contains(Duration.ofSeconds(2));
  }

  @Test
  void theCircuitIsInOneStateAtATime() {
    for (Circuit state : Circuit.values()) {
      record.circuit(state);

      for (Circuit other : Circuit.values()) {
        assertThat(gauge("redisfuse.circuit.state", "state", other.name().toLowerCase()))
            .as("%s in %s", other, state)
            .isEqualTo(other == state ? 1 : 0);
      }
    }
  }

  @Test
  void whatBecameOfUnknownOutcomesIsCounted() {
    record.resolved(Resolution.APPLIED);
    record.resolved(Resolution.NEVER_KNOWN);
    record.resolved(Resolution.NEVER_KNOWN);

    assertThat(counter("redisfuse.unknown.outcomes", "resolution", "applied")).isEqualTo(1);
    assertThat(counter("redisfuse.unknown.outcomes", "resolution", "never_known")).isEqualTo(2);
    assertThat(counter("redisfuse.unknown.outcomes", "resolution", "not_applied")).isZero();
    assertThat(record.count(Resolution.NEVER_KNOWN)).isEqualTo(2);
  }

  @Test
  void reconnectsAndTheLagOfTheFeedAreCounted() {
    record.reconnected();
    record.told(Duration.ofMillis(3));

    assertThat(record.reconnects()).isEqualTo(1);
    assertThat(counter("redisfuse.reconnects")).isEqualTo(1);
    assertThat(metrics.get("redisfuse.feed.lag").timer().max(TimeUnit.MILLISECONDS)).isEqualTo(3);
  }
}
