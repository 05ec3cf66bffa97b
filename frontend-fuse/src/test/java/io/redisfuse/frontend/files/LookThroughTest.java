package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that list a directory and then look at all that is in it. */
class LookThroughTest {

  private static final int FILES = 5_000;

  @TempDir Path kept;
  private final MemoryBackend store = new MemoryBackend();
  private final AtomicInteger trips = new AtomicInteger();
  private Workspace fs;

  @BeforeEach
  void start() {
    Transaction.Builder all = Transaction.builder();
    for (int i = 0; i < FILES; i++) {
      all.put(Cell.string(Bytes.utf8("dir:file" + i)), Bytes.utf8("x".repeat(i % 7)));
      all.put(
          Cell.field(Bytes.utf8("fields:hash" + i / 100), Bytes.utf8("f" + i)), Bytes.utf8("y"));
      all.put(Cell.string(Bytes.utf8("mixed:sub" + i % 300 + ":" + i)), Bytes.EMPTY);
      all.put(Cell.string(Bytes.utf8("mixed:file.with.dots" + i)), Bytes.utf8("zz"));
    }
    store.commit(all.build());
    fs = new Workspace(counting(), kept);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private Backend counting() {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("commit")) {
                trips.incrementAndGet();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private List<DirectoryEntry> open(String path) {
    long handle = fs.files.openDirectory(fs.node(path), Workspace.ME);
    try {
      return fs.files.entries(handle, FileSystem.ListedFrom.START).entries();
    } finally {
      fs.files.releaseDirectory(handle);
    }
  }

  private int tripsOfLookingAtAll(String path) {
    long directory = fs.node(path);
    int before = trips.get();
    for (DirectoryEntry entry : open(path)) {
      fs.files.forget(fs.files.lookup(directory, entry.name()).node(), 1);
      // As for lstat(2) and then getxattr(2).
      fs.files.forget(fs.files.lookup(directory, entry.name()).node(), 1);
    }
    return trips.get() - before;
  }

  @Test
  void theBackendIsAskedOnceForManyFiles() {
    assertThat(tripsOfLookingAtAll("dir")).isLessThan(FILES / 100);
    assertThat(tripsOfLookingAtAll("dir")).as("again").isLessThan(FILES / 100);
    assertThat(tripsOfLookingAtAll("fields")).as("fields").isLessThan(FILES / 100);
    assertThat(tripsOfLookingAtAll("mixed")).as("with directories").isLessThan(FILES / 100);
  }

  @Test
  void namesThatAreShortenedAreNotLookedForInAllOfTheDirectory() {
    Transaction.Builder all = Transaction.builder();
    for (int i = 0; i < 300; i++) {
      all.put(Cell.string(Bytes.utf8("long:" + "x".repeat(300) + i)), Bytes.utf8("y"));
    }
    store.commit(all.build());
    await().atMost(Duration.ofSeconds(10)).until(() -> fs.exists("long"));
    long directory = fs.node("long");
    List<DirectoryEntry> entries = open("long");
    assertThat(entries).hasSize(300);
    int before = trips.get();
    for (DirectoryEntry entry : entries) {
      fs.files.lookup(directory, entry.name());
    }
    assertThat(trips.get() - before).isLessThanOrEqualTo(300);
    Bytes gone = entries.get(7).name();
    fs.files.unlink(directory, gone, Workspace.ME);
    assertThat(Workspace.errorOf(() -> fs.files.lookup(directory, gone)))
        .isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void aDirectoryWithAShortenedNameIsGoneWhenItIs() {
    Bytes stem = Bytes.utf8("long:" + "d".repeat(300) + ":");
    Cell below = Cell.string(stem.concat(Bytes.utf8("key")));
    store.commit(Transaction.of(new Change.Put(below, Bytes.utf8("y"))));
    await().atMost(Duration.ofSeconds(10)).until(() -> fs.exists("long"));
    long directory = fs.node("long");
    Bytes name = open("long").get(0).name();
    assertThat(fs.files.lookup(directory, name).kind()).isEqualTo(FileKind.DIRECTORY);
    store.commit(Transaction.of(new Change.Delete(below)));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !fs.index.directoryIfKnown(stem).orElse(true));
    assertThat(Workspace.errorOf(() -> fs.files.lookup(directory, name)))
        .isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void whoLooksAtOneFileAsksForOne() {
    open("dir");
    long directory = fs.node("dir");
    int before = trips.get();
    fs.files.lookup(directory, Bytes.utf8("file4000"));
    assertThat(trips.get() - before).isEqualTo(1);
  }

  @Test
  void whatThisMountChangesIsSeenAtOnce() {
    Random random = new Random(7);
    long directory = fs.node("dir");
    List<DirectoryEntry> entries = open("dir");
    for (DirectoryEntry entry : entries.subList(0, 1_000)) {
      fs.files.lookup(directory, entry.name());
    }
    for (int i = 0; i < 200; i++) {
      Bytes name = entries.get(random.nextInt(2_000)).name();
      String path = "dir/" + name.toUtf8();
      switch (random.nextInt(4)) {
        case 0 -> {
          fs.save(path, "a".repeat(i + 10));
          assertThat(fs.stat(path).size()).isEqualTo(i + 10);
        }
        case 1 -> {
          if (fs.exists(path)) {
            fs.rm(path);
          }
          assertThat(fs.exists(path)).isFalse();
        }
        case 2 -> {
          if (fs.exists(path)) {
            fs.mv(path, path + "-moved");
            assertThat(fs.exists(path)).isFalse();
            assertThat(fs.exists(path + "-moved")).isTrue();
          }
        }
        default -> {
          fs.mkdir(path + "-dir");
          assertThat(fs.exists(path + "-dir")).isTrue();
          fs.rmdir(path + "-dir");
          assertThat(fs.exists(path + "-dir")).isFalse();
        }
      }
    }
  }

  @Test
  void whatOthersChangeIsSeenWhenTheFeedHasToldOfIt() {
    long directory = fs.node("dir");
    List<DirectoryEntry> entries = open("dir");
    for (DirectoryEntry entry : entries.subList(0, 100)) {
      fs.files.lookup(directory, entry.name());
    }
    // These are known by now, although nobody has looked at them.
    Bytes changed = entries.get(150).name();
    Bytes deleted = entries.get(151).name();
    Bytes replaced = entries.get(152).name();
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Put(cell(changed), Bytes.utf8("0123456789")));
    changes.add(new Change.Delete(cell(deleted)));
    changes.add(new Change.Delete(cell(replaced)));
    changes.add(
        new Change.Put(
            Cell.field(cell(replaced).key(), Bytes.utf8("field")), Bytes.utf8("in a hash now")));
    Transaction.Builder transaction = Transaction.builder();
    changes.forEach(transaction::change);
    store.commit(transaction.build());
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              assertThat(fs.stat("dir/" + changed.toUtf8()).size()).isEqualTo(10);
              assertThat(fs.exists("dir/" + deleted.toUtf8())).isFalse();
              assertThat(fs.exists("dir/" + replaced.toUtf8())).isFalse();
              assertThat(fs.stat("dir/" + replaced.toUtf8() + ".field").size()).isEqualTo(13);
            });
  }

  private static Cell cell(Bytes name) {
    return Cell.string(Bytes.utf8("dir:").concat(name));
  }

  @Test
  void twoWhoLookThroughTheSameDirectoryDoNotDisturbEachOther() {
    long directory = fs.node("dir");
    int before = trips.get();
    List<DirectoryEntry> one = open("dir");
    List<DirectoryEntry> two = open("dir");
    for (int i = 0; i < FILES; i++) {
      fs.files.lookup(directory, one.get(i).name());
      if (i >= FILES / 2) {
        fs.files.lookup(directory, two.get(i - FILES / 2).name());
      }
    }
    assertThat(trips.get() - before).isLessThan(FILES / 50);
  }
}
