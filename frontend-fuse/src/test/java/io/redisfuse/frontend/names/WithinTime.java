package io.redisfuse.frontend.names;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;
import org.opentest4j.AssertionFailedError;

/** Fails a property whose code never returns: a loop over delimiters that does not get on. */
final class WithinTime implements AroundTryHook {

  /** Of one try, which takes less than a millisecond on a machine that is not busy. */
  static final int SECONDS = 20;

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }

  @Override
  public TryExecutionResult aroundTry(
      TryLifecycleContext context, TryExecutor aTry, List<Object> parameters) {
    try {
      return assertTimeoutPreemptively(Duration.ofSeconds(SECONDS), () -> aTry.execute(parameters));
    } catch (AssertionFailedError e) {
      return TryExecutionResult.falsified(e);
    }
  }
}
