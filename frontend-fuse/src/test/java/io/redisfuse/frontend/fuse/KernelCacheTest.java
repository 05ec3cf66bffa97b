package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel answers by itself what it was asked before, and is told what others change: also of
 * what is on its way to it at that moment.
 */
@Timeout(120)
class KernelCacheTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path kept;
  private MountedKeys mounted;
  private final ExecutorService others = Executors.newCachedThreadPool();

  @BeforeEach
  void mount() throws Exception {
    mounted = new MountedKeys(kept);
  }

  @AfterEach
  void unmount() throws Exception {
    others.shutdownNow();
    mounted.close();
    assertThat(others.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private static <T> void awaitEqual(Callable<T> actual, T expected) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(2))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(actual.call()).isEqualTo(expected));
  }

  private static List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    names.sort(null);
    return names;
  }

  @Test
  void itIsKnownHowLateTheKernelIsTold() throws Exception {
    mounted.put("f", "one");
    awaitEqual(() -> read(mounted.path("f")), "one");
    mounted.lags.clear();

    mounted.put("f", "two");

    awaitEqual(() -> read(mounted.path("f")), "two");
    await().atMost(LONG).until(() -> !mounted.lags.isEmpty());
    assertThat(mounted.lags).allSatisfy(lag -> assertThat(lag).isBetween(0L, LONG.toNanos()));
  }

  // ---- what is not asked for again

  @Test
  void whatWasAskedBeforeIsNotAskedOfTheBackendAgain() throws Exception {
    mounted.put("d:e:file", "text");
    Path file = mounted.path("d/e/file");
    Path missing = mounted.path("d/e/missing.x");
    awaitEqual(() -> read(file), "text");
    look(file, missing);
    look(file, missing);
    int before = mounted.backend.calls();

    for (int i = 0; i < 50; i++) {
      look(file, missing);
    }
    mounted.put("unrelated:key", "text");
    mounted.put("d:e:other", "text");
    awaitEqual(() -> read(mounted.path("unrelated/key")), "text");
    awaitQuiet();
    int between = mounted.backend.calls();
    look(file, missing);

    assertThat(between - before).as("calls, but for what else was read").isLessThan(20);
    assertThat(mounted.backend.calls()).isEqualTo(between);
  }

  private static void look(Path file, Path missing) throws IOException {
    assertThat(Files.size(file)).isEqualTo(4);
    assertThat(read(file)).isEqualTo("text");
    assertThat(missing).doesNotExist();
  }

  @Test
  void whatThisMountDoesOutdatesNoOtherName() throws Exception {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      mounted.put("d:e:file" + i, "text");
      files.add(mounted.path("d/e/file" + i));
    }
    for (Path file : files) {
      awaitEqual(() -> Files.size(file), 4L);
    }
    awaitQuiet();
    for (Path file : files) {
      assertThat(Files.size(file)).isEqualTo(4);
    }

    for (int i = 0; i < 5; i++) {
      Path own = mounted.path("d/own" + i);
      Files.writeString(own, "one");
      Files.writeString(own, "two");
      Files.move(own, mounted.path("d/e/moved"));
      assertThat(read(mounted.path("d/e/moved"))).isEqualTo("two");
      Files.delete(mounted.path("d/e/moved"));
      Files.createDirectory(mounted.path("d/own"));
      Files.delete(mounted.path("d/own"));
    }
    mounted.put("d:e:file7", "else");
    awaitQuiet();
    int before = mounted.backend.calls();
    for (Path file : files) {
      if (!file.endsWith("file7")) {
        assertThat(Files.size(file)).isEqualTo(4);
      }
    }

    assertThat(mounted.backend.calls()).isEqualTo(before);
    mounted.delete("d:e:file8");
    awaitEqual(() -> Files.exists(files.get(8)), false);
    assertThat(mounted.path("d/e/moved")).doesNotExist();
  }

  /** Waits until nothing is asked any more because of what was done. */
  private void awaitQuiet() {
    int[] last = {-1};
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              int now = mounted.backend.calls();
              boolean isQuiet = now == last[0];
              last[0] = now;
              return isQuiet;
            });
  }

  // ---- what others change

  @Test
  void contentOfTheSameLengthIsReadAnewAndWithoutAnotherOpen() throws Exception {
    mounted.put("file", "one");
    Path file = mounted.path("file");
    assertThat(read(file)).isEqualTo("one");
    assertThat(read(file)).isEqualTo("one");

    mounted.put("file", "two");

    awaitEqual(() -> read(file), "two");
  }

  @Test
  void aMappingThatIsHeldShowsWhatOthersChange() throws Exception {
    mounted.put("file", "one");
    try (FileChannel channel = FileChannel.open(mounted.path("file"), StandardOpenOption.READ)) {
      ByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, 3);
      assertThat(text(map)).isEqualTo("one");

      mounted.put("file", "two");

      awaitEqual(() -> text(map), "two");
    }
  }

  @Test
  void aDescriptorThatIsHeldShowsWhatIsAsLongOrHasGrown() throws Exception {
    mounted.put("file", "one");
    try (FileChannel channel = FileChannel.open(mounted.path("file"), StandardOpenOption.READ)) {
      assertThat(text(channel)).isEqualTo("one");

      mounted.put("file", "two");
      awaitEqual(() -> text(channel), "two");

      mounted.put("file", "of another length");
      awaitEqual(() -> read(mounted.path("file")), "of another length");
      assertThat(text(channel)).isEqualTo("two");

      mounted.put("file", "two, and more");
      awaitEqual(() -> text(channel), "two, and more");
    }
  }

  private static String text(ByteBuffer map) {
    byte[] bytes = new byte[map.capacity()];
    map.get(0, bytes);
    return new String(bytes, UTF_8);
  }

  private static String text(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    int count = channel.read(bytes, 0);
    return count < 0 ? "" : new String(bytes.array(), 0, count, UTF_8);
  }

  @Test
  void namesThatWereLookedForInVainAreFoundOnceTheyAreThere() throws Exception {
    Path file = mounted.path("d/file");
    Path field = mounted.path("hash.field");
    assertThat(file).doesNotExist();
    assertThat(field).doesNotExist();

    mounted.put("d:file", "text");
    mounted.commit(
        new Change.Put(Cell.field(Bytes.utf8("hash"), Bytes.utf8("field")), Bytes.utf8("value")));

    awaitEqual(() -> read(file), "text");
    awaitEqual(() -> read(field), "value");
  }

  @Test
  void aDirectoryGoesWithItsLastKeyAndComesBackWithAnother() throws Exception {
    mounted.put("d:e:one", "1");
    mounted.put("d:e:two", "2");
    Path directory = mounted.path("d/e");
    awaitEqual(() -> Files.isDirectory(directory), true);

    mounted.delete("d:e:one");
    awaitEqual(() -> list(directory), List.of("two"));
    assertThat(directory).isDirectory();

    mounted.delete("d:e:two");
    awaitEqual(() -> Files.exists(mounted.path("d")), false);

    mounted.put("d:e:three", "3");
    awaitEqual(() -> list(directory), List.of("three"));
  }

  @Test
  void aProcessStaysInItsDirectoryWhateverChangesThere() throws Exception {
    mounted.put("d:one", "1");
    awaitEqual(() -> Files.isDirectory(mounted.path("d")), true);
    Process shell =
        new ProcessBuilder("sh", "-c", "while read line; do /bin/pwd -P || echo lost; done")
            .directory(mounted.path("d").toFile())
            .redirectErrorStream(true)
            .start();
    try (var in = shell.outputWriter();
        var out = shell.inputReader()) {
      for (int i = 0; i < 50; i++) {
        mounted.put("d:" + i, "x");
        mounted.delete("d:" + (i - 1));
        in.write("\n");
        in.flush();
        assertThat(out.readLine()).isEqualTo(mounted.path("d").toString());
      }
    } finally {
      shell.destroyForcibly();
      assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  // ---- what is on its way

  @Test
  void aLookupOnItsWayWhileItsKeyChangesLeavesNothingStale() throws Exception {
    mounted.put("d:file", "one");
    Path file = mounted.path("d/file");
    awaitEqual(() -> Files.isDirectory(mounted.path("d")), true);
    GatedBackend.Gate gate = mounted.backend.gate("describe", "file");
    Future<Long> size = others.submit(() -> Files.size(file));
    gate.awaitReached();

    mounted.put("d:file", "longer");
    // For the notification to come while the lookup waits.
    Thread.sleep(50);
    gate.open();
    size.get(30, TimeUnit.SECONDS);

    awaitEqual(() -> Files.size(file), 6L);
    awaitEqual(() -> read(file), "longer");
  }

  @Test
  void aLookupInVainOnItsWayWhileItsKeyIsMadeLeavesNothingStale() throws Exception {
    mounted.put("d:other", "one");
    Path file = mounted.path("d/file");
    awaitEqual(() -> Files.isDirectory(mounted.path("d")), true);
    GatedBackend.Gate gate = mounted.backend.gate("describe", "file");
    Future<Boolean> exists = others.submit(() -> Files.exists(file));
    gate.awaitReached();

    mounted.put("d:file", "made");
    Thread.sleep(50);
    gate.open();
    exists.get(30, TimeUnit.SECONDS);

    awaitEqual(() -> read(file), "made");
  }

  @Test
  void aListingWithAttributesOnItsWayWhileAKeyChangesLeavesNothingStale() throws Exception {
    mounted.put("d:file", "one");
    mounted.put("d:gone", "one");
    awaitEqual(() -> list(mounted.directory), List.of("d"));
    GatedBackend.Gate gate = mounted.backend.gate("describe", "d:");
    Future<List<String>> listing = others.submit(() -> list(mounted.path("d")));
    gate.awaitReached();

    mounted.put("d:file", "longer");
    mounted.delete("d:gone");
    Thread.sleep(50);
    gate.open();
    listing.get(30, TimeUnit.SECONDS);

    awaitEqual(() -> Files.size(mounted.path("d/file")), 6L);
    awaitEqual(() -> Files.exists(mounted.path("d/gone")), false);
  }

  @Test
  void aReadOnItsWayWhileTheContentChangesIsNoDeadlockAndLeavesNothingStale() throws Exception {
    mounted.put("file", "one");
    Path file = mounted.path("file");
    assertThat(Files.size(file)).isEqualTo(3);
    GatedBackend.Gate gate = mounted.backend.gate("read", "file");
    Future<String> content = others.submit(() -> read(file));
    gate.awaitReached();

    mounted.put("file", "two");
    Thread.sleep(50);
    // The kernel is told of the one while it waits for the other.
    assertThat(others.submit(() -> Files.size(mounted.directory)).get(20, TimeUnit.SECONDS))
        .isNotNull();
    gate.open();

    assertThat(content.get(30, TimeUnit.SECONDS)).isIn("one", "two");
    awaitEqual(() -> read(file), "two");
  }

  @Test
  void aRequestThatWaitsInOneDirectoryDoesNotKeepBackWhatChangesInAnother() throws Exception {
    List<Path> files = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      mounted.put(name + ":file", "one");
      files.add(mounted.path(name + "/file"));
    }
    mounted.put("slow:file", "one");
    for (Path file : files) {
      awaitEqual(() -> Files.size(file), 3L);
    }
    awaitEqual(() -> Files.isDirectory(mounted.path("slow")), true);
    assertThat(mounted.path("slow/other")).doesNotExist();
    GatedBackend.Gate gate = mounted.backend.gate("describe", "slow:file");
    Future<Long> size = others.submit(() -> Files.size(mounted.path("slow/file")));
    gate.awaitReached();

    mounted.put("slow:other", "made");
    for (String name : List.of("a", "b", "c")) {
      mounted.put(name + ":file", "longer");
    }

    for (Path file : files) {
      awaitEqual(() -> Files.size(file), 6L);
    }
    assertThat(size).isNotDone();
    gate.open();
    assertThat(size.get(30, TimeUnit.SECONDS)).isEqualTo(3);
    awaitEqual(() -> Files.exists(mounted.path("slow/other")), true);
  }
}
