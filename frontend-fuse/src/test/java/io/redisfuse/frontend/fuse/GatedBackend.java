package io.redisfuse.frontend.fuse;

import io.redisfuse.api.Backend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend whose calls are counted, and some of which wait at a gate: after they have got their
 * answer, so that it is of the time before they waited.
 */
final class GatedBackend {

  private static final long BOUND_SECONDS = 30;

  private final Backend backend;
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  private volatile Gate gate = new Gate("", "");

  GatedBackend(Backend backend) {
    this.backend = backend;
  }

  /** A gate that calls wait at whose name, and whose arguments in words, are such. */
  static final class Gate {
    private final String method;
    private final String words;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    private Gate(String method, String words) {
      this.method = method;
      this.words = words;
    }

    /** Waits until somebody waits. */
    void awaitReached() throws InterruptedException {
      require(reached, "nobody comes to the gate");
    }

    void open() {
      open.countDown();
    }

    private void pass() throws InterruptedException {
      reached.countDown();
      require(open, "the gate is not opened");
    }

    private static void require(CountDownLatch latch, String otherwise)
        throws InterruptedException {
      if (!latch.await(BOUND_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(otherwise);
      }
    }
  }

  /** From now on calls of this name wait whose arguments contain these words. */
  Gate gate(String method, String words) {
    gate = new Gate(method, words);
    return gate;
  }

  /** How many calls there were, but for those of the feed. */
  int calls() {
    return calls.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** The backend. */
  Backend backend() {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              calls.computeIfAbsent(method.getName(), n -> new AtomicInteger()).incrementAndGet();
              Gate before = gate;
              try {
                Object answer = method.invoke(backend, arguments);
                if (before.method.equals(method.getName())
                    && Arrays.deepToString(arguments).contains(before.words)) {
                  before.pass();
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
