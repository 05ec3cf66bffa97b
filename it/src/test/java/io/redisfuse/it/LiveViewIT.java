package io.redisfuse.it;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Whatever another client changes shows in the mount soon: by lookup, in listings, by stat and when
 * read. What is sought has been looked for in each of these ways a moment before, so that whatever
 * may be remembered of it is. Prints how long it took.
 */
class LiveViewIT {

  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofNanos(200_000);

  /** How often each kind of change is made, for each way of seeing. */
  private static final int REPETITIONS = Boolean.getBoolean("redisfuse.all") ? 50 : 4;

  private static final int LATE_REPETITIONS = Boolean.getBoolean("redisfuse.all") ? 5 : 1;

  @RegisterExtension final Workplace place = new Workplace();

  private final Delays prompt = new Delays();
  private final Delays late = new Delays();
  private int directories;

  @TestFactory
  Stream<DynamicTest> isSeenSoon() {
    Redis redis = place.redis();
    Jedis client = redis.client();
    place.onClose(client::close);
    Mount mount = place.mount(redis);
    return LiveChanges.all()
        .map(
            change ->
                DynamicTest.dynamicTest(
                    change.name(),
                    () -> {
                      int repetitions = change.promptly() ? REPETITIONS : LATE_REPETITIONS;
                      try {
                        for (int i = 0; i < repetitions; i++) {
                          requireSeen(change, client, mount);
                        }
                      } catch (JedisDataException e) {
                        assumeThat(Redis.isCluster()).as("no client can do this there").isFalse();
                        throw e;
                      }
                    }))
        .onClose(
            () -> {
              System.out.println("LiveViewIT: seen after " + prompt);
              System.out.println("LiveViewIT: of expiry and SWAPDB, after " + late);
            });
  }

  private void requireSeen(LiveChange change, Jedis client, Mount mount) throws IOException {
    for (Sight sight : Sight.values()) {
      Map<String, String> before = withKept(change.before(), change.after());
      Map<String, String> after = withKept(change.after(), change.before());
      SortedMap<String, String> expected = sight.expected(after);
      if (!sight.expected(before).equals(expected)) {
        String directory = "live" + directories++;
        Path path = mount.resolve(directory);
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        client.set(directory + ":keep", "kept");
        change.prepare().accept(client, directory + ":");
        for (Sight each : Sight.values()) {
          await(change, each, path, names, each.expected(before));
        }

        change.change().accept(client, directory + ":");

        Duration delay = await(change, sight, path, names, expected);
        (change.promptly() ? prompt : late).add(sight, delay.minus(change.effectAfter()));
        for (Sight each : Sight.values()) {
          await(change, each, path, names, each.expected(after));
        }
        client.flushAll();
      }
    }
  }

  /** The file {@code keep} is there, unless the change removes that, too. */
  private static Map<String, String> withKept(
      Map<String, String> contents, Map<String, String> others) {
    Map<String, String> all = new HashMap<>(contents);
    if (!others.containsKey("keep")) {
      all.putIfAbsent("keep", "kept");
    }
    return all;
  }

  /** Returns how long it took. */
  private static Duration await(
      LiveChange change,
      Sight sight,
      Path directory,
      Set<String> names,
      SortedMap<String, String> expected)
      throws IOException {
    long start = System.nanoTime();
    while (true) {
      SortedMap<String, String> seen = sight.observe(directory, names);
      Duration passed = Duration.ofNanos(System.nanoTime() - start);
      if (seen.equals(expected)) {
        return passed;
      }
      if (passed.compareTo(BOUND) > 0) {
        throw new AssertionError(
            change + ": " + sight + " sees " + seen + ", not " + expected + ", after " + passed);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }
}
