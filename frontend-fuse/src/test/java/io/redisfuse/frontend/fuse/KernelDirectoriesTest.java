package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel keeps what is listed in directories, and lists anew what has changed, also for who has
 * a directory open and begins again.
 */
@Timeout(120)
class KernelDirectoriesTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Of a hash the backend is asked at each listing. */
  private static final List<String> BESIDE = List.of("h.a", "h.b");

  /** More than fits into one request of a program. */
  private static final int MANY = 3_000;

  @TempDir Path kept;
  private MountedKeys mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = new MountedKeys(kept);
  }

  @AfterEach
  void unmount() throws Exception {
    mounted.close();
  }

  private void fill(int files) {
    Transaction fill =
        new Transaction(
            List.of(),
            Stream.concat(
                    Stream.of("a", "b")
                        .map(f -> Cell.field(Bytes.utf8("d:h"), Bytes.utf8(f)))
                        .map(cell -> new Change.Put(cell, Bytes.utf8("value"))),
                    IntStream.range(0, files)
                        .mapToObj(i -> Cell.string(Bytes.utf8("d:f" + i)))
                        .map(cell -> new Change.Put(cell, Bytes.utf8("text"))))
                .map(Change.class::cast)
                .toList());
    mounted.store.commit(fill);
  }

  private static List<String> expected(int files, String... more) {
    return Stream.of(
            BESIDE.stream(), IntStream.range(0, files).mapToObj(i -> "f" + i), Stream.of(more))
        .flatMap(names -> names)
        .sorted()
        .toList();
  }

  private static List<String> list(Path directory) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
        Files.size(entry);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    names.sort(null);
    return names;
  }

  private void awaitListed(List<String> expected) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertThat(list(mounted.path("d"))).isEqualTo(expected));
  }

  /** Lists as often as it takes until the kernel has everything. */
  private void awaitKept(List<String> expected) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              awaitListed(expected);
              int before = mounted.backend.calls();
              assertThat(list(mounted.path("d"))).isEqualTo(expected);
              assertThat(mounted.backend.calls()).as("calls").isEqualTo(before);
            });
  }

  @Test
  void whatWasListedIsNotListedAgainUntilSomethingChanges() throws Exception {
    fill(20);
    awaitKept(expected(20));

    mounted.put("d:new", "text");
    awaitListed(expected(20, "new"));
    awaitKept(expected(20, "new"));
    mounted.delete("d:new");
    awaitListed(expected(20));
    awaitKept(expected(20));
    mounted.put("d:below:deep", "text");
    awaitListed(expected(20, "below"));
    awaitKept(expected(20, "below"));
    mounted.put("d:below:deep", "other");
    mounted.put("d:below:deeper", "other");
    mounted.delete("d:below:deep");
    mounted.delete("d:below:deeper");
    awaitListed(expected(20));
  }

  @Test
  void whatThisMountDoesIsListedAtOnce() throws Exception {
    fill(20);
    awaitKept(expected(20));
    Path directory = mounted.path("d");

    for (int i = 0; i < 5; i++) {
      Files.writeString(directory.resolve("own"), "text");
      assertThat(list(directory)).isEqualTo(expected(20, "own"));
      Files.move(directory.resolve("own"), directory.resolve("moved"));
      assertThat(list(directory)).isEqualTo(expected(20, "moved"));
      Files.createDirectory(directory.resolve("below"));
      assertThat(list(directory)).isEqualTo(expected(20, "below", "moved"));
      Files.delete(directory.resolve("below"));
      Files.writeString(directory.resolve("own~"), "text");
      assertThat(list(directory)).isEqualTo(expected(20, "moved", "own~"));
      Files.delete(directory.resolve("own~"));
      Files.delete(directory.resolve("moved"));
      assertThat(list(directory)).isEqualTo(expected(20));
    }
  }

  @Test
  void aTimeThatAProgramHasSetStays() throws Exception {
    fill(20);
    awaitKept(expected(20));
    Path directory = mounted.path("d");
    FileTime old = FileTime.fromMillis(981_173_106_000L);

    for (int i = 0; i < 50; i++) {
      Files.writeString(directory.resolve("f1"), "text " + i);
    }
    Files.setLastModifiedTime(directory, old);

    awaitListed(expected(20));
    assertThat(Files.getLastModifiedTime(directory)).isEqualTo(old);
  }

  @Test
  void whoBeginsAgainGetsWhatIsThereNow() throws Exception {
    fill(20);
    awaitKept(expected(20));
    try (Reader reader = new Reader(mounted.path("d"))) {
      assertThat(reader.all()).isEqualTo(expected(20));
      mounted.put("d:new", "text");
      await().atMost(LONG).until(() -> reader.all().equals(expected(20, "new")));
      mounted.delete("d:new");
      await().atMost(LONG).until(() -> reader.all().equals(expected(20)));
    }
  }

  @Test
  void aChangeWithinAListingMixesNothing() throws Exception {
    fill(MANY);
    awaitKept(expected(MANY));
    for (int i = 0; i < 10; i++) {
      try (Reader reader = new Reader(mounted.path("d"))) {
        List<String> some = reader.some();
        mounted.put("d:new" + i, "text");
        awaitListed(expected(MANY, "new" + i));
        mounted.delete("d:new" + i);
        List<String> all = new ArrayList<>(some);
        all.addAll(reader.rest());
        all.remove("new" + i);
        all.sort(null);
        assertThat(all).isEqualTo(expected(MANY));
        awaitListed(expected(MANY));
      }
    }
    awaitKept(expected(MANY));
  }

  /** A program that has a directory open. */
  private static final class Reader implements AutoCloseable {

    private static final String SCRIPT =
        """
        $| = 1;
        opendir(my $d, $ARGV[0]) or die;
        while (my $what = <STDIN>) {
          my $n = $what =~ /some/ ? 10 : 1e9;
          rewinddir($d) if $what =~ /all/;
          while ($n-- > 0 and defined(my $name = readdir($d))) { print "$name\\n"; }
          print "/\\n";
        }
        """;

    private final Process process;
    private final Writer commands;
    private final BufferedReader names;

    Reader(Path directory) throws IOException {
      process = new ProcessBuilder("perl", "-e", SCRIPT, directory.toString()).start();
      commands = process.outputWriter(UTF_8);
      names = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    List<String> all() throws IOException {
      List<String> all = read("all");
      all.sort(null);
      return all;
    }

    List<String> some() throws IOException {
      return read("some");
    }

    List<String> rest() throws IOException {
      return read("rest");
    }

    private List<String> read(String what) throws IOException {
      commands.write(what + "\n");
      commands.flush();
      List<String> read = new ArrayList<>();
      for (String name = names.readLine(); !"/".equals(name); name = names.readLine()) {
        assertThat(name).isNotNull();
        if (!name.equals(".") && !name.equals("..")) {
          read.add(name);
        }
      }
      return read;
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      commands.close();
      names.close();
    }
  }
}
