package io.redisfuse.backend.memory;

import java.time.Duration;
import java.util.Optional;

/**
 * A value and when it ends.
 *
 * @param expiresAt in milliseconds of the epoch, or {@link #NEVER}
 */
record Entry(Value value, long expiresAt) {

  static final long NEVER = Long.MAX_VALUE;

  static Entry ofEver(Value value) {
    return new Entry(value, NEVER);
  }

  boolean expires() {
    return expiresAt != NEVER;
  }

  boolean livesAt(long now) {
    return now < expiresAt;
  }

  Optional<Duration> ttl(long now) {
    return expires() ? Optional.of(Duration.ofMillis(expiresAt - now)) : Optional.empty();
  }

  Entry with(Value newValue) {
    return new Entry(newValue, expiresAt);
  }

  /** This entry with {@code ttl} to live from {@code now}, or for ever. */
  Entry living(Optional<Duration> ttl, long now) {
    return new Entry(value, ttl.map(life -> now + life.toMillis()).orElse(NEVER));
  }
}
