package io.redisfuse.backend.redis;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Repeats what may be repeated until it succeeds or the time limit is over, and turns what Jedis
 * throws into the exceptions of the SPI.
 */
final class Calls {

  private static final Retry RETRY =
      Retry.of(
          "redis",
          RetryConfig.custom()
              .maxAttempts(Integer.MAX_VALUE)
              .intervalFunction(
                  IntervalFunction.ofExponentialRandomBackoff(
                      Duration.ofMillis(10), 2.0, 0.5, Duration.ofMillis(250)))
              .retryOnException(TryAgain.class::isInstance)
              .build());

  private final Connections connections;
  private final Duration timeLimit;

  Calls(Connections connections, Duration timeLimit) {
    this.connections = connections;
    this.timeLimit = timeLimit;
  }

  /** The deadline of a call that starts now. */
  Deadline deadline() {
    return Deadline.after(timeLimit);
  }

  Duration timeLimit() {
    return timeLimit;
  }

  String address() {
    return connections.address();
  }

  /**
   * Has {@code work} done with a connection: again and again until it succeeds, so it must be safe
   * to repeat.
   *
   * @param doing what it does, to follow "Redis did not …"
   */
  <T> T repeat(String doing, Function<Wire, T> work) {
    Deadline deadline = deadline();
    return repeat(() -> attempt(deadline, doing, () -> connections.use(deadline, work)));
  }

  /** Repeats an attempt as long as it throws {@link TryAgain}. */
  <T> T repeat(Supplier<T> attempt) {
    return RETRY.executeSupplier(attempt);
  }

  /** One attempt, whose failure is either final or says {@link TryAgain}. */
  <T> T attempt(Deadline deadline, String doing, Supplier<T> work) {
    try {
      return work.get();
    } catch (JedisConnectionException e) {
      throw lost(deadline, e);
    } catch (JedisDataException e) {
      throw refused(deadline, e, doing);
    } catch (TryAgain e) {
      throw again(deadline, e.getCause());
    }
  }

  /** A connection was lost and what it did may be repeated. */
  RuntimeException lost(Deadline deadline, JedisConnectionException e) {
    connections.dropIdle();
    return again(deadline, e);
  }

  /** The server refused: for now, or for good. */
  RuntimeException refused(Deadline deadline, JedisDataException e, String doing) {
    return ErrorReplies.isPassing(e)
        ? again(deadline, e)
        : ErrorReplies.refusal(e, address(), doing);
  }

  private RuntimeException again(Deadline deadline, Throwable cause) {
    return deadline.hasPassed() ? unavailable(cause) : new TryAgain(cause);
  }

  /** That there was no success within the time limit. */
  BackendException unavailable(Throwable cause) {
    return new BackendUnavailableException(
        "Redis at "
            + address()
            + " did not answer within "
            + readable(timeLimit)
            + " ("
            + Reasons.of(cause)
            + ").",
        cause);
  }

  private static String readable(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }
}
