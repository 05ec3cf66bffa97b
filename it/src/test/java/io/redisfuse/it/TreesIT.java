package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The programs with which people move and search trees of files. */
class TreesIT {

  private static final int FILES = 1_000;
  private static final long SEED = 42;
  private static final Duration LONG = Duration.ofSeconds(120);

  /** Everything that {@code cp -a} keeps and the mount remembers while it lives. */
  private static final String ATTRIBUTES =
      "find . -mindepth 1 -printf '%P %y %m %T@\\n' | LC_ALL=C sort";

  @RegisterExtension final Workplace place = new Workplace();

  private Path source;
  private Redis redis;
  private Mount mount;
  private Shell shell;

  @BeforeEach
  void growATree() throws IOException {
    source = place.newDirectory("source");
    grow(source);
    redis = place.redis();
    mount = place.mount(redis);
    shell = place.shell(mount);
  }

  @Test
  void tarPacksAndUnpacks() {
    place.shell().run("tar cf tree.tar source");

    shell.run(LONG, "tar xf ../tree.tar");

    requireSameAsSource("source");
    Keyspace expected = Keyspace.empty().markers("source:");
    NamingRules.keyspaceOf(source)
        .keys()
        .forEach((key, held) -> expected.keys().put(prefixed("source:", key), held));
    assertThat(redis.keyspace()).isEqualTo(expected);

    shell.run(LONG, "tar cf ../again.tar source");
    place.shell().run("mkdir again; tar xf again.tar -C again; diff -r source again/source");
  }

  @Test
  void cpCopiesInAndWithinAndOut() {
    shell.run(LONG, "cp -a ../source in");
    requireSameAsSource("in");

    shell.run(LONG, "cp -a in within");
    requireSameAsSource("within");

    shell.run(LONG, "cp -a within ../out");
    place.shell().run("diff -r source out");
    assertThat(place.shell().in(place.directory().resolve("out")).run(ATTRIBUTES))
        .isEqualTo(place.shell().in(source).run(ATTRIBUTES));
  }

  @Test
  void rsyncCopiesOnceAndThenOnlyWhatChanged() {
    shell.run(LONG, "rsync -a ../source/ in");
    requireSameAsSource("in");
    assertThat(shell.run(LONG, "rsync -ai ../source/ in")).isEmpty();

    String one = shell.run("cd ../source; find . -type f -size +3k | LC_ALL=C sort | head -n 1");
    place.shell().in(source).run("echo changed >> " + one.strip());
    assertThat(shell.run(LONG, "rsync -ai ../source/ in").lines()).hasSize(1);
    requireSameAsSource("in");

    shell.run(LONG, "rsync -a in/ ../out");
    place.shell().run("diff -r source out");
  }

  @Test
  void grepFindDuAndDfLookThroughATree() {
    shell.run(LONG, "cp -a ../source in");

    for (String search :
        new String[] {
          "grep -rl needle . | LC_ALL=C sort",
          "grep -rc 'line 1' . | LC_ALL=C sort",
          "find . -type f -name '*.txt' | LC_ALL=C sort",
          "find . -type f -size +4k | LC_ALL=C sort",
          "find . -type d | LC_ALL=C sort",
          "find . -type f -newermt 2020-01-01 ! -newermt 2021-01-01 | LC_ALL=C sort",
          "find . -type f -perm 600 | LC_ALL=C sort",
          "find . -type f -print0 | xargs -0 cat | wc -c",
          "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 du --apparent-size -B1 | wc -l",
        }) {
      assertThat(shell.run("cd in; " + search))
          .as(search)
          .isNotEmpty()
          .isEqualTo(place.shell().in(source).run(search));
    }
    long bytes =
        Long.parseLong(
            shell
                .run("cd in; find . -type f -printf '%s\\n' | awk '{ s += $1 } END { print s }'")
                .strip());
    assertThat(Long.parseLong(shell.run("du -sb in | cut -f 1").strip()))
        .as("what du says")
        .isBetween(bytes, bytes + 4096 * 200L);
    assertThat(Long.parseLong(shell.run("du -s -B1 in | cut -f 1").strip()))
        .as("blocks")
        .isGreaterThanOrEqualTo(bytes);
    assertThat(shell.run("df . | tail -n 1")).endsWith(mount.path() + "\n");
    assertThat(shell.run("df --output=size,avail . | tail -n 1").strip().split(" +"))
        .allSatisfy(number -> assertThat(Long.parseLong(number)).isPositive());
  }

  @Test
  void aTreeIsRenamedAndRemoved() {
    shell.run(LONG, "cp -a ../source in; mv in moved; test ! -e in");
    requireSameAsSource("moved");

    shell.run(LONG, "rm -r moved");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
    assertThat(shell.run("ls -A")).isEmpty();
  }

  @Test
  void aListingOfThousandsOfKeysIsComplete() {
    redis.with(
        client -> {
          for (int i = 0; i < 20_000; i++) {
            client.set("many:" + i, "x");
          }
        });

    assertThat(shell.run("ls many | wc -l; ls many | sort -n | uniq | tail -n 1"))
        .isEqualTo("20000\n19999\n");
  }

  private void requireSameAsSource(String name) {
    shell.run("diff -r ../source " + name);
    assertThat(shell.run("cd " + name + "; " + ATTRIBUTES))
        .isEqualTo(place.shell().in(source).run(ATTRIBUTES));
  }

  private static Bytes prefixed(String prefix, Bytes key) {
    return Bytes.utf8(prefix).concat(key);
  }

  /** A tree with extensions, hidden files, empty files and directories, modes and old times. */
  private static void grow(Path root) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    List<Path> directories = new ArrayList<>(List.of(root));
    for (int i = 0; i < 100; i++) {
      Path parent = directories.get(random.nextInt(directories.size()));
      directories.add(Files.createDirectory(parent.resolve("dir" + i + (i % 7 == 0 ? ".d" : ""))));
    }
    String[] shapes = {"file%d", "file%d.txt", ".hidden%d", "file%d.tar.gz", ".file%d.conf"};
    String[] modes = {"rw-r--r--", "rw-------", "rwxr-xr-x", "r--r--r--"};
    for (int i = 0; i < FILES; i++) {
      Path directory = directories.get(random.nextInt(directories.size()));
      Path file = directory.resolve(shapes[i % shapes.length].formatted(i));
      StringBuilder text = new StringBuilder();
      int lines = i % 10 == 0 ? 0 : random.nextInt(i % 50 == 1 ? 5_000 : 100);
      for (int line = 0; line < lines; line++) {
        text.append("line ").append(line).append(line % 97 == 50 ? " needle\n" : "\n");
      }
      Files.writeString(file, text);
      Files.setPosixFilePermissions(
          file, PosixFilePermissions.fromString(modes[random.nextInt(modes.length)]));
      Files.setLastModifiedTime(file, anyTime(random));
    }
    Collections.reverse(directories);
    for (Path directory : directories) {
      Files.setLastModifiedTime(directory, anyTime(random));
    }
  }

  private static FileTime anyTime(RandomGenerator random) {
    return FileTime.fromMillis(1_000L * random.nextLong(1_500_000_000L, 1_700_000_000L));
  }
}
