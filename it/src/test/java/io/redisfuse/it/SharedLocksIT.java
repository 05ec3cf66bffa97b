package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.backend.redis.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs that lock the same files through two mounts. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Rounds
class SharedLocksIT {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int PROCESSES = 8;

  /** With {@code -Dredisfuse.all=true}, 200. */
  private static final int EACH = Saves.count(5, 200);

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount one;
  private Mount two;
  private Path script;

  @BeforeEach
  void mountTwice() {
    redis = place.redis();
    one = mount();
    two = mount();
    script = place.script("locks.py");
  }

  private Mount mount() {
    return place.mount(redis, "--binding", "kernel");
  }

  private CompletableFuture<Shell.Outcome> start(Mount mount, Object... words) {
    List<String> command = new ArrayList<>(List.of("python3", script.toString()));
    command.add(mount.path().toString());
    for (Object word : words) {
      command.add(word.toString());
    }
    return CompletableFuture.supplyAsync(
        () -> place.shell().attempt(PATIENCE, String.join(" ", command)),
        task -> new Thread(task, "shell").start());
  }

  /** What each of the processes says, of both mounts in turn. */
  private List<String> all(CommandOf command) {
    List<CompletableFuture<Shell.Outcome>> started = new ArrayList<>();
    for (int i = 0; i < 2 * PROCESSES; i++) {
      started.add(start(i % 2 == 0 ? one : two, command.of(i)));
    }
    return started.stream()
        .map(CompletableFuture::join)
        .map(outcome -> outcome.requireSuccess().out())
        .toList();
  }

  private interface CommandOf {
    Object[] of(int process);
  }

  @Test
  void countersThatAreLockedLoseNothing() {
    redis.with(
        client -> {
          client.set("n", "0");
          client.hset("h", "n", "0");
        });
    all(process -> new Object[] {"count", EACH});
    String sum = Integer.toString(2 * PROCESSES * EACH);
    assertThat(redis.get("n")).isEqualTo(sum);
    assertThat(redis.get("h", "n")).isEqualTo(sum);
    requireNothingLeft();
  }

  private record Held(String kind, boolean shared, long first, long end, long since, long until) {

    static Held of(String line) {
      String[] words = line.split(" ", -1);
      long first = Long.parseLong(words[2]);
      return new Held(
          words[0],
          words[1].equals("shared"),
          first,
          first + Long.parseLong(words[3]),
          Long.parseLong(words[4]),
          Long.parseLong(words[5]));
    }

    boolean excludes(Held other) {
      return kind.equals(other.kind)
          && !(shared && other.shared)
          && first < other.end
          && other.first < end
          && since < other.until
          && other.since < until;
    }
  }

  @Test
  void rangesExcludeEachOtherWhereTheyOverlap() throws IOException {
    redis.with(client -> client.set("bytes", "12345678"));
    Path log = place.directory().resolve("ranges.log");
    all(process -> new Object[] {"ranges", log, 2 * EACH, process});
    List<Held> held = Files.readAllLines(log).stream().map(Held::of).toList();
    assertThat(held).hasSize(2 * PROCESSES * 2 * EACH);
    for (int i = 0; i < held.size(); i++) {
      for (Held other : held.subList(i + 1, held.size())) {
        assertThat(held.get(i).excludes(other)).as("%s and %s", held.get(i), other).isFalse();
      }
    }
    requireNothingLeft();
  }

  private void requireNothingLeft() {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(lockKeys("")).isEmpty());
  }

  /** The keys of locks with this in their names, of all servers. */
  private List<String> lockKeys(String part) {
    List<String> keys = new ArrayList<>();
    redis.withEach(client -> keys.addAll(client.keys(".redisfuse:lock:*" + part + "*")));
    return keys;
  }

  @Test
  void aDatabaseWithTwoWritersStaysWhole() {
    CompletableFuture<Shell.Outcome> first = start(one, "insert", "first", 4 * EACH);
    CompletableFuture<Shell.Outcome> second = start(two, "insert", "second", 4 * EACH);
    first.join().requireSuccess();
    second.join().requireSuccess();
    for (Mount mount : List.of(one, two)) {
      assertThat(start(mount, "check").join().requireSuccess().out())
          .isEqualTo("ok\n%1$d %1$d\n".formatted(8 * EACH));
    }
    assertThat(place.keptTexts()).isEmpty();
  }

  @Test
  void whoWaitsForHimselfThroughAnotherMountIsTold() {
    List.of("a", "b").forEach(key -> redis.with(client -> client.set(key, "1")));
    Path here = place.directory().resolve("here");
    Path there = place.directory().resolve("there");
    CompletableFuture<Shell.Outcome> first = start(one, "deadlock", "a", "b", here, there);
    CompletableFuture<Shell.Outcome> second = start(two, "deadlock", "b", "a", there, here);
    assertThat(List.of(first.join().requireSuccess().out(), second.join().requireSuccess().out()))
        .containsExactlyInAnyOrder("EDEADLOCK\n", "locked\n");
    requireNothingLeft();
  }

  @Test
  void theLocksOfADaemonThatIsGoneAreFreeWhenItsLeaseHasEnded() throws IOException {
    List.of("of-the-killed", "of-the-frozen")
        .forEach(key -> redis.with(client -> client.set(key, "old")));
    Mount frozen = mount();
    Path go = place.directory().resolve("go");
    CompletableFuture<Shell.Outcome> holder = start(frozen, "hold", "of-the-frozen", go);
    CompletableFuture<Shell.Outcome> orphan = start(one, "hold", "of-the-killed", go);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(lockKeys("lease")).hasSize(2));
    frozen.expectingErrors().daemon().signal("STOP");
    one.daemon().kill();
    try {
      CompletableFuture<Shell.Outcome> next = start(two, "take", "of-the-killed", "survivor");
      String taken = start(two, "take", "of-the-frozen", "survivor").join().requireSuccess().out();
      assertThat(taken).matches("taken after \\d+\nsaved\n").doesNotContain("after 0\n");
      next.join().requireSuccess();
    } finally {
      frozen.daemon().signal("CONT");
    }
    Files.createFile(go);
    assertThat(holder.join().requireSuccess().out()).isEqualTo("held\nEBUSY\n");
    orphan.join();
    assertThat(redis.get("of-the-killed")).isEqualTo("survivor");
    assertThat(redis.get("of-the-frozen")).isEqualTo("survivor");
    assertThat(place.keptContents()).contains("begun late");
    assertThat(frozen.daemon().err()).contains("lock of the key of-the-frozen was lost");
  }

  @Test
  void whoMayNotWriteTheKeysOfLocksCannotLockForAll() throws IOException {
    redis.withEach(client -> client.aclSetUser("plain", "on", "nopass", "~a*", "&*", "+@all"));
    redis.with(client -> client.set("a:file", "text"));
    String uri = redis.uri("plain");
    Mount refused = place.mountUri(uri, "--prefix", "a:");
    place
        .shell(refused.expectingErrors())
        .attempt("flock file true")
        .requireFailure("No locks available");
    assertThat(refused.daemon().err()).contains("--locks local").contains("does not permit");
    Mount local = place.mountUri(uri, "--prefix", "a:", "--locks", "local");
    place.shell(local).run("flock file true");
    Mount readOnly = place.mountUri(uri, "--prefix", "a:", "--read-only");
    place.shell(readOnly).run("flock file true");
  }

  @Test
  void aMountOfAPartSharesLocksWithAMountOfAll() throws IOException {
    redis.with(client -> client.set("a:file", "text"));
    Mount part = place.mount(redis, "--prefix", "a:");
    Path go = place.directory().resolve("go");
    CompletableFuture<Shell.Outcome> holder = start(one, "hold", "a/file", go);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(lockKeys("lease")).hasSize(1));
    place.shell(part).attempt("flock -n file true").requireFailure("");
    CompletableFuture<Shell.Outcome> next = start(part, "take", "file", "next");
    Files.createFile(go);
    assertThat(holder.join().requireSuccess().out()).isEqualTo("held\nsaved\n");
    next.join().requireSuccess();
    assertThat(redis.get("a:file")).isEqualTo("next");
    requireNothingLeft();
  }
}
