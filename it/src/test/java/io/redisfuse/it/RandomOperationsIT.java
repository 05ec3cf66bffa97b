package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thousands of random operations on a few files through several handles, in the mount and in a
 * model, which must never differ. {@code -Dredisfuse.seed=N} repeats a run.
 */
class RandomOperationsIT {

  private static final int STEPS = 10_000;

  /** After so many steps everything is closed, and the keyspace must be the model's files. */
  private static final int ROUND = 250;

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void onRedisTheMountIsWhatTheModelIs() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    run(
        mount.path(),
        session -> {
          requireSameFiles(mount.path(), session.model());
          assertThat(redis.keyspace()).isEqualTo(keyspaceOf(session.model()));
        });

    Keyspace before = redis.keyspace();
    mount.unmount();
    assertThat(redis.keyspace()).isEqualTo(before);
  }

  @Test
  void inMemoryTheMountIsWhatTheModelIs() throws IOException {
    Mount mount = place.mount(BackendKind.MEMORY);

    run(mount.path(), session -> requireSameFiles(mount.path(), session.model()));
  }

  @Test
  void theModelIsWhatAnOrdinaryFileSystemIs() throws IOException {
    Path directory = place.newDirectory("ordinary");

    run(directory, session -> requireSameFiles(directory, session.model()));
  }

  private static void run(Path root, Check check) throws IOException {
    long seed = Long.getLong("redisfuse.seed", System.nanoTime());
    System.out.println("RandomOperationsIT: -Dredisfuse.seed=" + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (String directory : RandomSession.DIRECTORIES) {
      Files.createDirectory(root.resolve(directory));
    }
    try (RandomSession session = new RandomSession(root, random)) {
      try {
        for (int step = 1; step <= STEPS; step++) {
          session.step();
          if (step % ROUND == 0) {
            session.closeAll();
            check.run(session);
          }
        }
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("With seed " + seed + ", after:\n" + session.history(), e);
      }
    }
  }

  private static void requireSameFiles(Path root, FileModel model) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      assertThat(
              paths
                  .filter(Files::isRegularFile)
                  .map(path -> root.relativize(path).toString())
                  .collect(Collectors.toSet()))
          .isEqualTo(model.names());
    }
    for (String name : model.names()) {
      assertThat(Bytes.wrap(Files.readAllBytes(root.resolve(name))))
          .as(name)
          .isEqualTo(model.content(name));
    }
  }

  private static Keyspace keyspaceOf(FileModel model) {
    Keyspace keyspace = Keyspace.empty();
    RandomSession.DIRECTORIES.forEach(directory -> keyspace.markers(directory + ":"));
    for (String name : model.names()) {
      String key = name.replace('/', ':');
      int dot = key.indexOf('.', key.lastIndexOf(':') + 2);
      if (dot < 0) {
        keyspace.string(Bytes.utf8(key), model.content(name));
      } else {
        keyspace.field(
            Bytes.utf8(key.substring(0, dot)),
            Bytes.utf8(key.substring(dot + 1)),
            model.content(name));
      }
    }
    return keyspace;
  }

  private interface Check {
    void run(RandomSession session) throws IOException;
  }
}
