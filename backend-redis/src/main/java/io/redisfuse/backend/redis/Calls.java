package io.redisfuse.backend.redis;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.ServerListener;
import io.redisfuse.api.WrongTypeException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Repeats what may be repeated until it succeeds or the time limit is over, and turns what Jedis
 * throws into the exceptions of the SPI.
 *
 * <p>After a call that waited its whole time in vain, the next ones fail at once, but for one now
 * and then that tries: the kernel asks twice for a name whose look-up fails, and a program asks for
 * many, and all of them together must not wait many times the limit.
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

  private final Route route;
  private final Duration timeLimit;
  private final CircuitBreaker breaker;
  private final ServerListener listener;

  /**
   * Calls with a limit each.
   *
   * @param breaker knows whether the server has just not answered, of {@link #breaker}
   * @param listener hears how calls end
   */
  Calls(Route route, Duration timeLimit, CircuitBreaker breaker, ServerListener listener) {
    this.route = route;
    this.timeLimit = timeLimit;
    this.breaker = breaker;
    this.listener = listener;
  }

  /**
   * What remembers of a server that it did not answer.
   *
   * @param respite how long one that did not answer within the limit is left alone
   * @param listener hears when that is known, and when not any more
   */
  static CircuitBreaker breaker(Duration respite, ServerListener listener) {
    CircuitBreaker breaker =
        CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                .slidingWindow(1, 1, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100)
                .waitDurationInOpenState(respite)
                .permittedNumberOfCallsInHalfOpenState(1)
                .recordException(Calls::isDeadServer)
                .build());
    breaker
        .getEventPublisher()
        .onStateTransition(
            event -> listener.circuit(circuit(event.getStateTransition().getToState())));
    return breaker;
  }

  private static ServerListener.Circuit circuit(CircuitBreaker.State state) {
    return switch (state) {
      case CLOSED, DISABLED, METRICS_ONLY -> ServerListener.Circuit.CLOSED;
      case HALF_OPEN -> ServerListener.Circuit.HALF_OPEN;
      case OPEN, FORCED_OPEN -> ServerListener.Circuit.OPEN;
    };
  }

  /** The deadline of a call that starts now. */
  Deadline deadline() {
    return Deadline.after(timeLimit);
  }

  /** Who hears how calls end. */
  ServerListener listener() {
    return listener;
  }

  Duration timeLimit() {
    return timeLimit;
  }

  String address() {
    return route.address();
  }

  /**
   * Has {@code work} done with a connection: again and again until it succeeds, so it must be safe
   * to repeat.
   *
   * @param doing what it does, to follow "Redis did not …"
   */
  <T> T repeat(String doing, Function<Wire, T> work) {
    Deadline deadline = deadline();
    return repeat(() -> attempt(deadline, doing, () -> route.use(deadline, work)));
  }

  /** Repeats an attempt as long as it throws {@link TryAgain}. */
  <T> T repeat(Supplier<T> attempt) {
    try {
      T result = breaker.executeSupplier(() -> RETRY.executeSupplier(attempt));
      listener.answered();
      return result;
    } catch (ConflictException | WrongTypeException | RefusedException e) {
      listener.answered();
      throw e;
    } catch (CallNotPermittedException e) {
      throw new BackendUnavailableException(
          "Redis at "
              + address()
              + " did not answer just now, so it is asked only now and then until it"
              + " does; try again in a second.",
          e);
    }
  }

  /** A wait in vain for the server; not for others to leave a key alone, which has no cause. */
  private static boolean isDeadServer(Throwable failure) {
    return failure instanceof BackendUnavailableException && failure.getCause() != null;
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
    route.lost();
    return failed(deadline, e);
  }

  /** The server refused: for now, or for good. */
  RuntimeException refused(Deadline deadline, JedisDataException e, String doing) {
    return route.leadsOn(e) || ErrorReplies.isPassing(e)
        ? failed(deadline, e)
        : ErrorReplies.refusal(e, address(), doing);
  }

  private RuntimeException failed(Deadline deadline, JedisException cause) {
    listener.failed(Reasons.of(cause));
    return again(deadline, cause);
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
