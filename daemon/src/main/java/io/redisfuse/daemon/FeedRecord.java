package io.redisfuse.daemon;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * What the feed of changes has told, and whether it tells: counted, and kept for whoever wants to
 * see it. Safe for threads.
 */
final class FeedRecord {

  private final InstantSource clock;
  private final Counter changes;
  private final Counter resets;
  private final Counter losses;
  private volatile State state;
  private volatile Optional<Instant> lastReset = Optional.empty();

  /** Whether changes are told. */
  enum Kind {
    LIVE,
    /** The connection is lost on which they are told; another one is being made. */
    LOST,
    /** The backend does not tell of changes at all. */
    NONE
  }

  /** How it is, and since when. */
  record State(Kind kind, Instant since) {
    State {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(since, "since");
    }
  }

  FeedRecord(MeterRegistry metrics, InstantSource clock) {
    this.clock = clock;
    this.state = new State(Kind.NONE, clock.instant());
    this.changes =
        Counter.builder("redisfuse.feed.changes")
            .description("Changes of keys that the feed has told")
            .register(metrics);
    this.resets =
        Counter.builder("redisfuse.feed.resets")
            .description("How often anything may have changed")
            .register(metrics);
    this.losses =
        Counter.builder("redisfuse.feed.losses")
            .description("How often it was told that the feed is lost")
            .register(metrics);
  }

  /** The feed tells from now on, unless it was heard of already that it is lost. */
  synchronized void begins() {
    if (state.kind() == Kind.NONE) {
      become(Kind.LIVE);
    }
  }

  private synchronized void become(Kind kind) {
    if (state.kind() != kind) {
      state = new State(kind, clock.instant());
    }
  }

  /** Hears what a listener is told, before he is. */
  ChangeListener before(ChangeListener listener) {
    return new ChangeListener() {
      @Override
      public void changed(Bytes key) {
        changes.increment();
        listener.changed(key);
      }

      @Override
      public void reset() {
        resets.increment();
        lastReset = Optional.of(clock.instant());
        become(Kind.LIVE);
        listener.reset();
      }

      @Override
      public void lost() {
        losses.increment();
        become(Kind.LOST);
        listener.lost();
      }
    };
  }

  State state() {
    return state;
  }

  long resets() {
    return (long) resets.count();
  }

  Optional<Instant> lastReset() {
    return lastReset;
  }
}
