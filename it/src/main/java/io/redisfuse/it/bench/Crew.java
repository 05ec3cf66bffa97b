package io.redisfuse.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The threads that use a subject at once, and the clock. For one caller at a time. */
final class Crew implements AutoCloseable {

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          job -> {
            Thread thread = new Thread(job, "client");
            thread.setDaemon(true);
            return thread;
          });

  private final Map<SubjectName, List<Client>> clients = new EnumMap<>(SubjectName.class);

  /** What each member does; returns how many operations that were. */
  @FunctionalInterface
  interface Job {
    long run(Client client, int member) throws IOException;
  }

  /** Lets {@code count} members do the job at once, from when all are ready until all are done. */
  Sample run(Subject subject, int count, Job job) throws IOException {
    List<Client> members = clients.computeIfAbsent(subject.name(), name -> new ArrayList<>());
    while (members.size() < count) {
      members.add(subject.client());
    }
    CountDownLatch ready = new CountDownLatch(count);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int member = i;
      running.add(
          threads.submit(
              () -> {
                ready.countDown();
                start.await();
                return job.run(members.get(member), member);
              }));
    }
    try {
      ready.await();
      Usage before = subject.meter().readBefore();
      long started = System.nanoTime();
      start.countDown();
      long operations = 0;
      for (Future<Long> member : running) {
        operations += member.get();
      }
      long nanos = System.nanoTime() - started;
      return new Sample(operations, nanos, subject.meter().read().minus(before));
    } catch (ExecutionException e) {
      throw new IOException(subject.name().word() + " fails: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted in the middle of a measurement", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    clients.values().forEach(members -> members.forEach(Client::close));
  }
}
