package io.redisfuse.daemon;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DepartureTest {

  private final AtomicInteger told = new AtomicInteger();

  @Test
  void aRequestIsPassedOn() {
    Departure departure = new Departure(Duration.ofMinutes(1));
    departure.onRequest(told::incrementAndGet);

    departure.request();

    assertThat(told).hasValue(1);
  }

  @Test
  void aRequestThatCameTooEarlyIsNotForgotten() {
    Departure departure = new Departure(Duration.ofMinutes(1));
    departure.request();

    departure.onRequest(told::incrementAndGet);

    assertThat(told).hasValue(1);
  }

  @Test
  void theProcessIsHeldUntilTheDaemonHasLeft() throws Exception {
    Departure departure = new Departure(Duration.ofMinutes(1));
    CompletableFuture<ExitCode> held = CompletableFuture.supplyAsync(departure::awaitFinish);
    assertThat(held).isNotDone();

    departure.finish(ExitCode.CLEAN);

    assertThat(held.get(60, SECONDS)).isEqualTo(ExitCode.CLEAN);
  }

  @Test
  void aDaemonThatDoesNotLeaveInTimeHasFailed() {
    Departure departure = new Departure(Duration.ofMillis(1));

    assertThat(departure.awaitFinish()).isEqualTo(ExitCode.FAILURE);
  }
}
