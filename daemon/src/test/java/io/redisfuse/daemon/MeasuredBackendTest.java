package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.MemoryBackend;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeasuredBackendTest {

  private static final Cell CELL = Cell.string(Bytes.utf8("key"));

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final MeasuredBackend backend =
      new MeasuredBackend(new MemoryBackend(), metrics, new FeedRecord(metrics, Clock.systemUTC()));

  private long calls(String call, String result) {
    return metrics
        .get("redisfuse.backend.calls")
        .tags("call", call, "result", result)
        .timer()
        .count();
  }

  @Test
  void callsAreCountedByHowTheyEnd() {
    Transaction first =
        Transaction.builder().expect(CELL, Version.ABSENT).put(CELL, Bytes.utf8("text")).build();
    backend.commit(first);
    assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> backend.commit(first));

    assertThat(calls("commit", "ok")).isEqualTo(1);
    assertThat(calls("commit", "conflict")).isEqualTo(1);
    assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(Bytes.utf8("text"));
    assertThat(calls("read", "ok")).isEqualTo(1);
  }

  @Test
  void theFeedIsPassedOnAndCounted() {
    AtomicInteger heard = new AtomicInteger();
    ChangeListener listener =
        new ChangeListener() {
          @Override
          public void changed(Bytes key) {
            heard.incrementAndGet();
          }

          @Override
          public void reset() {}
        };
    Subscription feed = backend.watch(Bytes.EMPTY, listener);
    backend.commit(Transaction.builder().put(CELL, Bytes.utf8("text")).build());

    await().atMost(Duration.ofSeconds(20)).until(() -> heard.get() == 1);
    assertThat(metrics.get("redisfuse.feed.changes").counter().count()).isEqualTo(1);
    feed.close();
  }
}
