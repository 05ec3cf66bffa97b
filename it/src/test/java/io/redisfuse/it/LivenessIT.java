package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What the kernel keeps is live: another process, which gets its answers from the kernel without a
 * question to the daemon, or at least to Redis, sees each change soon; and nothing stays outdated
 * that was changed while nobody told the mount. Prints how long it took, from before the change was
 * sent to Redis.
 */
class LivenessIT {

  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final int CHANGES = Boolean.getBoolean("redisfuse.all") ? 300 : 100;
  private static final int BREAKS = Boolean.getBoolean("redisfuse.all") ? 10 : 1;

  /** Whether the kernel keeps anything: by libfuse it is told to keep nothing. */
  private static final boolean KEEPS = !"libfuse".equals(System.getProperty("redisfuse.binding"));

  /** Through what is held by libfuse only growth is seen, as README says. */
  private static final List<LiveSubject> SUBJECTS =
      Stream.of(LiveSubject.values())
          .filter(
              subject -> KEEPS || (subject != LiveSubject.HELD && subject != LiveSubject.MAPPED))
          .toList();

  /** Who has no answer then asks the daemon, which stands still. */
  private static final Duration UNANSWERED = Duration.ofMillis(500);

  /** How often it is looked while Redis is expected not to be asked. */
  private static final int LOOKS = 20;

  /** What a mount asks by itself, or we. */
  private static final Set<String> HEARTBEATS =
      Set.of("ping", "info", "client", "hello", "auth", "select", "config", "command");

  private static final Pattern STATISTIC =
      Pattern.compile("(?m)^cmdstat_([a-z]+)[^:]*:calls=(\\d+)");

  /** The heartbeats of a mount with a time limit of two seconds may be missing for less. */
  private static final Duration FROZEN = Duration.ofMillis(2_500);

  /** A client that tracks, and that by broadcasts: there is none but the mount's feed. */
  private static final Pattern FEED = Pattern.compile("(?m)^id=(\\d+) .* flags=[A-Za-z]*B");

  @RegisterExtension final Workplace place = new Workplace();

  private final Map<LiveSubject, List<Duration>> delays = new EnumMap<>(LiveSubject.class);

  /** How many steps were made of each. */
  private final int[] steps = new int[LiveSubject.values().length];

  private Redis redis;
  private Jedis client;
  private Mount mount;
  private Witness witness;

  @TestFactory
  Stream<DynamicTest> whatTheKernelKeepsIsLive() {
    redis = place.redis();
    client = redis.client();
    place.onClose(client::close);
    for (LiveSubject subject : SUBJECTS) {
      together(transaction -> subject.set(transaction, 0));
    }
    mount = place.mount(redis, "--timeout", "2s").expectingErrors();
    witness = Witness.start(place);
    witness.hold("GROWTH", file(LiveSubject.GROWTH));
    if (KEEPS) {
      witness.hold("HELD", file(LiveSubject.HELD));
      witness.map("MAPPED", file(LiveSubject.MAPPED));
    }
    return Stream.of(
            SUBJECTS.stream()
                .map(
                    subject ->
                        DynamicTest.dynamicTest(
                            subject + " changes", () -> requireEachChangeSeen(subject))),
            Stream.of(
                DynamicTest.dynamicTest(
                    "the feed is killed", () -> requireNothingOutdatedAfter(this::killFeed))),
            Stream.of(
                DynamicTest.dynamicTest(
                    "the server stands still",
                    () -> requireNothingOutdatedAfter(this::freezeServer))))
        .flatMap(tests -> tests);
  }

  private void requireEachChangeSeen(LiveSubject subject) {
    warm(subject);
    requireAnsweredFromMemory(subject);
    for (int i = 0; i < CHANGES; i++) {
      warm(subject);
      int step = steps[subject.ordinal()]++;
      String what = what(subject, step);
      assertThat(witness.beginToAwait(BOUND, subject.after(step), subject.way(), what))
          .isEqualTo(subject.before(step));
      long start = System.nanoTime();
      together(transaction -> subject.change(transaction, step));
      delays
          .computeIfAbsent(subject, none -> new ArrayList<>())
          .add(Duration.ofNanos(witness.seenAt() - start));
    }
    System.out.printf("LivenessIT: %s: %s%n", subject, describe(delays.get(subject)));
  }

  /** The witness sees what is to be changed in the next step, and has seen it before. */
  private void warm(LiveSubject subject) {
    int step = steps[subject.ordinal()];
    together(transaction -> subject.prepare(transaction, step));
    String what = what(subject, step);
    witness.beginToAwait(BOUND, subject.before(step), subject.way(), what);
    witness.seenAt();
    assertThat(witness.look(subject.way(), what)).isEqualTo(subject.before(step));
  }

  /** What is seen now is known to the kernel, or at least to the daemon, at the latest soon. */
  private void requireAnsweredFromMemory(LiveSubject subject) {
    if (!KEEPS) {
      return;
    }
    await("it is known what is seen of " + subject)
        .atMost(BOUND)
        .until(
            () ->
                subject.isKnownToTheKernel()
                    ? isAskedOfNobody(subject)
                    : isNotAskedOfRedis(subject));
  }

  private boolean isAskedOfNobody(LiveSubject subject) {
    int step = steps[subject.ordinal()];
    String what = what(subject, step);
    witness.look(subject.way(), what);
    Optional<String> seen =
        Suspension.during(
            mount.daemon(),
            () -> {
              witness.beginToLook(subject.way(), what);
              return witness.seenWithin(UNANSWERED);
            });
    assertThat(seen.orElseGet(witness::seen)).isEqualTo(subject.before(step));
    return seen.isPresent();
  }

  private boolean isNotAskedOfRedis(LiveSubject subject) {
    int step = steps[subject.ordinal()];
    String what = what(subject, step);
    long before = commands();
    for (int i = 0; i < LOOKS; i++) {
      assertThat(witness.look(subject.way(), what)).isEqualTo(subject.before(step));
    }
    return commands() == before;
  }

  /** How many commands the server has executed, without those that have to do with no key. */
  private long commands() {
    return STATISTIC
        .matcher(client.info("commandstats"))
        .results()
        .filter(result -> !HEARTBEATS.contains(result.group(1)))
        .mapToLong(result -> Long.parseLong(result.group(2)))
        .sum();
  }

  /** Something that keeps the mount from being told of changes that are made meanwhile. */
  @FunctionalInterface
  private interface Break {
    void happenDuring(Consumer<Transaction> changes) throws Exception;
  }

  private void requireNothingOutdatedAfter(Break happens) throws Exception {
    List<Duration> afterBreak = new ArrayList<>();
    for (int i = 0; i < BREAKS; i++) {
      for (LiveSubject subject : SUBJECTS) {
        warm(subject);
        requireAnsweredFromMemory(subject);
      }
      happens.happenDuring(
          transaction -> {
            for (LiveSubject subject : SUBJECTS) {
              subject.change(transaction, steps[subject.ordinal()]);
            }
          });
      long start = System.nanoTime();
      for (LiveSubject subject : SUBJECTS) {
        int step = steps[subject.ordinal()]++;
        witness.beginToAwait(BOUND, subject.after(step), subject.way(), what(subject, step));
        afterBreak.add(Duration.ofNanos(witness.seenAt() - start));
      }
    }
    System.out.printf("LivenessIT: all is right again after %s%n", describe(afterBreak));
    // What was looked at since is kept, and live again.
    for (LiveSubject subject : SUBJECTS) {
      warm(subject);
      requireAnsweredFromMemory(subject);
    }
  }

  /** In one transaction with the changes, so that nothing comes between: nobody is told of them. */
  private void killFeed(Consumer<Transaction> changes) {
    await("there is a feed").atMost(BOUND).until(() -> FEED.matcher(client.clientList()).find());
    Matcher feed = FEED.matcher(client.clientList());
    assertThat(feed.find()).as("the feed is still there").isTrue();
    together(
        transaction -> {
          transaction.sendCommand(Protocol.Command.CLIENT, "KILL", "ID", feed.group(1));
          changes.accept(transaction);
        });
  }

  /** For longer than the mount waits for answers; the changes are made as soon as it goes on. */
  private void freezeServer(Consumer<Transaction> changes) throws Exception {
    CompletableFuture<Void> made;
    redis.freeze();
    try {
      made = CompletableFuture.runAsync(() -> together(changes));
      Thread.sleep(FROZEN.toMillis());
    } finally {
      redis.thaw();
    }
    made.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void together(Consumer<Transaction> changes) {
    try (Transaction transaction = client.multi()) {
      changes.accept(transaction);
      assertThat(transaction.exec()).noneMatch(JedisDataException.class::isInstance);
    }
  }

  private Path file(LiveSubject subject) {
    return mount.resolve(subject.key(0).replace(':', '/'));
  }

  private String what(LiveSubject subject, int step) {
    return switch (subject) {
      case HELD, GROWTH, MAPPED -> subject.name();
      case SIZE, CONTENT, NEW_NAME, REMOVED_NAME, LISTING ->
          mount.resolve(subject.key(step).replace(':', '/')).toString();
    };
  }

  private static String describe(List<Duration> values) {
    double[] millis =
        values.stream().mapToDouble(delay -> delay.toNanos() / 1e6).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "p50 %.2f p99 %.2f max %.2f ms (%d)",
        millis[millis.length / 2],
        millis[(millis.length - 1) * 99 / 100],
        millis[millis.length - 1],
        millis.length);
  }
}
