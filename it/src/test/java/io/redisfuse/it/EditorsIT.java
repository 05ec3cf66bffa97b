package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * The editors that people use, and other programs, save through a real mount: each save is one
 * whole change in Redis, and none overwrites what its editor has not seen.
 */
class EditorsIT {

  /** Names that editors make for their own use: swap files, backups, locks, probes. */
  private static final Pattern SCRATCH =
      Pattern.compile(
          "(^|.*[:.])(4913|[^:]*~|\\.[^:]*\\.sw[a-z]|\\.?#[^:]*|sed[A-Za-z0-9]{6})",
          Pattern.DOTALL);

  private static final Set<String> REMOVALS = Set.of("DEL", "UNLINK", "GETDEL", "HDEL", "HGETDEL");
  private static final Set<String> TTLS = Set.of("EXPIRE", "PEXPIRE");
  private static final int AT_ONCE = 4;
  private static final int TTL = 1000;
  private static final long PATIENCE_SECONDS = 600;

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount mount;
  private ExecutorService sessions;

  @BeforeEach
  void mount() {
    redis = place.redis();
    mount = place.mount(redis);
    sessions = Executors.newFixedThreadPool(AT_ONCE);
    place.onClose(
        () -> {
          sessions.shutdownNow();
          assertThat(sessions.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        });
  }

  @TestFactory
  Stream<DynamicTest> withoutARivalASaveIsOneWholeChange() {
    Monitor monitor = place.monitor(redis);
    List<CellFile> files = new ArrayList<>();
    List<DynamicTest> tests = new ArrayList<>();
    for (Editor editor : Editor.ALL) {
      for (CellFile.Kind kind : CellFile.Kind.values()) {
        CellFile file = prepare(editor.name() + "-" + files.size(), kind);
        files.add(file);
        tests.add(
            inBackground(
                editor + ", " + kind,
                () -> {
                  new EditorSession(place, redis, mount, editor, file).saveAlone();
                  redis.with(
                      client -> assertThat(client.ttl(file.key())).isBetween(1L, (long) TTL));
                  requireWholeChanges(monitor.commands(), file);
                }));
      }
    }
    tests.add(dynamicTest("no other key is left", () -> requireNoOtherKeys(files)));
    tests.add(
        dynamicTest(
            "no scratch file is written to Redis",
            () -> requireNoScratch(monitor.commands().stream().filter(Monitor.Command::isWrite))));
    tests.add(
        dynamicTest(
            "Redis is not asked for scratch files, unless they may be fields of a hash",
            () -> requireNoScratch(monitor.commands().stream().filter(EditorsIT::isOfAString))));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> aSaveOverARivalsIsRefusedAndTheNextOneWins() {
    Monitor monitor = place.monitor(redis);
    List<CellFile> files = new ArrayList<>();
    List<DynamicTest> tests = new ArrayList<>();
    for (Case each : cases()) {
      CellFile file = prepare(each.editor().name() + "-" + files.size(), each.kind());
      files.add(file);
      tests.add(
          inBackground(
              each.toString(),
              () ->
                  new EditorSession(place, redis, mount, each.editor(), file)
                      .saveAgainst(each.rival())));
    }
    tests.add(dynamicTest("no other key is left", () -> requireNoOtherKeys(files)));
    tests.add(
        dynamicTest(
            "no scratch file is written to Redis",
            () -> requireNoScratch(monitor.commands().stream().filter(Monitor.Command::isWrite))));
    tests.add(
        dynamicTest(
            "Redis is not asked for scratch files, unless they may be fields of a hash",
            () -> requireNoScratch(monitor.commands().stream().filter(EditorsIT::isOfAString))));
    return tests.stream();
  }

  /** A scratch file beside a field, "text", has the name of another field of that hash. */
  private static boolean isOfAString(Monitor.Command command) {
    return command.words().stream().noneMatch(word -> word.contains("tex"));
  }

  private record Case(Editor editor, CellFile.Kind kind, Rival rival) {
    @Override
    public String toString() {
      return editor + ", " + kind + ", " + rival;
    }
  }

  /**
   * Every editor meets a rival that sets a string, and one of the others, at a string or a field in
   * turn; with {@code -Dredisfuse.all=true}, all of them at both.
   */
  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Editor editor : Editor.ALL) {
      for (CellFile.Kind kind : CellFile.Kind.values()) {
        for (Rival rival : Rival.values()) {
          int number = Editor.ALL.indexOf(editor);
          boolean usual =
              rival == Rival.SET
                  ? kind == CellFile.Kind.STRING
                  : rival.ordinal() - 1 == number % 4 && kind.ordinal() == number / 4 % 2;
          if (usual || Boolean.getBoolean("redisfuse.all")) {
            cases.add(new Case(editor, kind, rival));
          }
        }
      }
    }
    return cases;
  }

  /** A cell that will expire, and for a field another one beside it. */
  private CellFile prepare(String name, CellFile.Kind kind) {
    CellFile file = kind.file(name);
    redis.with(
        client -> {
          if (kind == CellFile.Kind.FIELD) {
            client.hset(file.key(), "other", "untouched");
          }
          file.write(client, Rival.BEFORE);
          client.expire(file.key(), TTL);
        });
    return file;
  }

  /** Starts now, beside a few others; the test waits until it has ended. */
  private DynamicTest inBackground(String name, Runnable session) {
    Future<?> work = sessions.submit(session);
    return dynamicTest(
        name,
        () -> {
          try {
            work.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            throw e.getCause();
          } catch (TimeoutException e) {
            work.cancel(true);
            throw new AssertionError("It does not end.", e);
          }
        });
  }

  /** Whatever changed the cell gave it the whole new text; it was there all the time. */
  private void requireWholeChanges(List<Monitor.Command> commands, CellFile file) {
    String field = file.field().orElse("");
    List<Monitor.Command> changes =
        commands.stream()
            .filter(Monitor.Command::isWrite)
            .filter(command -> command.mentions(file.key()))
            .filter(command -> field.isEmpty() || command.mentions(field))
            .filter(command -> !TTLS.contains(command.name()))
            .filter(command -> !command.words().contains(Rival.BEFORE))
            .toList();
    assertThat(changes).as("changes of %s", file.name()).isNotEmpty();
    for (Monitor.Command change : changes) {
      boolean removes =
          REMOVALS.contains(change.name())
              || (change.name().startsWith("RENAME") && change.words().get(1).equals(file.key()));
      assertThat(removes).as("%s removes it", change).isFalse();
      if (!change.name().startsWith("RENAME")) {
        assertThat(change.words()).as("%s", change).contains(Editor.CHANGE + Rival.BEFORE);
      }
    }
    if (!field.isEmpty()) {
      try (Jedis client = redis.client()) {
        assertThat(client.hgetAll(file.key()))
            .isEqualTo(Map.of(field, Editor.CHANGE + Rival.BEFORE, "other", "untouched"));
      }
    }
  }

  private void requireNoOtherKeys(List<CellFile> files) {
    Set<String> expected = new TreeSet<>();
    files.forEach(file -> expected.add(file.key()));
    assertThat(redis.keyspace().keys().keySet().stream().map(Object::toString))
        .filteredOn(key -> !key.startsWith(".redisfuse:"))
        .isSubsetOf(expected);
  }

  private static void requireNoScratch(Stream<Monitor.Command> commands) {
    assertThat(commands)
        .filteredOn(
            command -> command.words().stream().anyMatch(word -> SCRATCH.matcher(word).matches()))
        .isEmpty();
  }
}
