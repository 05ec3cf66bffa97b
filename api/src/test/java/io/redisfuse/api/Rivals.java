package io.redisfuse.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that start their work at the same moment. */
final class Rivals {

  /** The work of one of them. */
  interface Work<R> {
    R run(int rival) throws Exception;
  }

  private static final long LIMIT_SECONDS = 120;

  private Rivals() {}

  /** Lets {@code count} threads work at once; their results, or the first failure. */
  static <R> List<R> race(int count, Work<R> work) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(count);
    List<Callable<R>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int rival = i;
      tasks.add(
          () -> {
            barrier.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            return work.run(rival);
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<R>> futures = tasks.stream().map(threads::submit).toList();
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(result(future));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static <R> R result(Future<R> future) throws InterruptedException {
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a rival failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a rival did not end", e);
    }
  }
}
