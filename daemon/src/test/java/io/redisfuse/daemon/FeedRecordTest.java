package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.daemon.FeedRecord.Kind;
import io.redisfuse.daemon.FeedRecord.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FeedRecordTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final FeedRecord record = new FeedRecord(metrics, now::get);
  private final List<String> told = new ArrayList<>();
  private final ChangeListener listener =
      record.before(
          new ChangeListener() {
            @Override
            public void changed(Bytes key) {
              told.add(key.toUtf8());
            }

            @Override
            public void reset() {
              told.add("reset");
            }

            @Override
            public void lost() {
              told.add("lost");
            }
          });

  private Instant later() {
    return now.updateAndGet(time -> time.plusSeconds(1));
  }

  @Test
  void isLiveSinceItBeganUntilItIsLostAndAgainAfterTheNextReset() {
    assertThat(record.state()).isEqualTo(new State(Kind.NONE, START));
    Instant began = later();
    record.begins();
    assertThat(record.state()).isEqualTo(new State(Kind.LIVE, began));

    Instant lost = later();
    listener.lost();
    later();
    listener.lost();
    assertThat(record.state()).isEqualTo(new State(Kind.LOST, lost));

    Instant back = later();
    listener.reset();
    assertThat(record.state()).isEqualTo(new State(Kind.LIVE, back));
    Instant again = later();
    listener.reset();
    assertThat(record.state()).isEqualTo(new State(Kind.LIVE, back));
    assertThat(record.lastReset()).contains(again);
    assertThat(record.resets()).isEqualTo(2);
  }

  @Test
  void isNotLiveIfItWasLostBeforeItsBeginWasNoticed() {
    listener.lost();
    record.begins();

    assertThat(record.state().kind()).isEqualTo(Kind.LOST);
  }

  @Test
  void tellsTheListenerAndCounts() {
    listener.changed(Bytes.utf8("key"));
    listener.lost();
    listener.reset();

    assertThat(told).containsExactly("key", "lost", "reset");
    assertThat(metrics.get("redisfuse.feed.changes").counter().count()).isEqualTo(1);
    assertThat(metrics.get("redisfuse.feed.losses").counter().count()).isEqualTo(1);
    assertThat(metrics.get("redisfuse.feed.resets").counter().count()).isEqualTo(1);
  }
}
