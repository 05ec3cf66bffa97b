package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who relies on every answer for as long as it may, and forgets what it is told to, knows soon what
 * somebody knows who asks each time; and need not ask again for what has not changed.
 */
class RememberedAnswersTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final List<String> KEYS =
      List.of(
          "a",
          "a.b",
          "a.b.c",
          "a:b",
          "a:b:c",
          "a:",
          "a:b:",
          "a.b:c",
          "b",
          "b.a",
          "b:a.x",
          "%value",
          "a:%value",
          "",
          ":",
          ":a",
          "a%",
          "é",
          ".a",
          "a..b",
          "x:y:z:deep",
          "x:y",
          "x");

  private static final List<String> FIELDS = List.of("b", "c", "b.c", "x", "", ".", "%", "value");

  private static final List<String> PATHS =
      List.of(
          "a",
          "a.b",
          "a.b.c",
          "a%2Eb",
          "a%2Eb.c",
          "a/b",
          "a/b/c",
          "a/%value",
          "a/b/%value",
          "a.b/c",
          "b",
          "b.a",
          "b/a.x",
          "b/a.x.b",
          "%25value",
          "%value",
          "%",
          "%/a",
          "%/%",
          "a/%",
          "a%",
          "é",
          ".a",
          ".a.b",
          "a..b",
          "a.x",
          "a.",
          "b.x",
          "x/y/z/deep",
          "x/y/z",
          "x/y",
          "x",
          "x/%value",
          "x/y/%value",
          "a/b.x",
          "a/b/c.x",
          "no",
          "no.x",
          "a/no",
          "a%25",
          "a%2E%2Eb");

  private static final List<String> DIRECTORIES =
      List.of("", "a", "a/b", "a.b", "b", "%", "%/%", "x", "x/y", "x/y/z");

  @TempDir Path kept;
  private final MemoryBackend store = new MemoryBackend();
  private Workspace fs;

  @AfterEach
  void stop() {
    fs.close();
  }

  static IntStream seeds() {
    return IntStream.range(0, Boolean.getBoolean("redisfuse.all") ? 300 : 25);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void areOutdatedByEveryChangeThatGivesThemAnotherMeaning(int seed) throws Exception {
    Random random = new Random(seed);
    fs = new Workspace(store, kept);
    RememberingKernel kernel = new RememberingKernel(fs.files);
    List<String> steps = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      for (int i = random.nextInt(6); i >= 0; i--) {
        steps.add(change(random));
      }
      for (int i = random.nextInt(60); i >= 0; i--) {
        kernel.at(PATHS.get(random.nextInt(PATHS.size())));
      }
      for (int i = random.nextInt(8); i >= 0; i--) {
        kernel.in(DIRECTORIES.get(random.nextInt(DIRECTORIES.size())));
      }
      for (int i = random.nextInt(3); i >= 0; i--) {
        steps.add(change(random));
      }
      await("after " + steps)
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(
              () -> {
                DIRECTORIES.forEach(path -> requireListed(kernel, path));
                PATHS.forEach(path -> requireKnown(kernel, path));
              });
    }
  }

  private void requireListed(RememberingKernel kernel, String path) {
    assertThat(kernel.in(path)).as(path).isEqualTo(askedIn(path));
  }

  /** What is in a directory for who asks each time. */
  private List<String> askedIn(String path) {
    try {
      return fs.list(path);
    } catch (FsException e) {
      assertThat(e.error()).isIn(FsError.NO_ENTRY, FsError.NOT_DIRECTORY);
      return List.of("nothing");
    }
  }

  private void requireKnown(RememberingKernel kernel, String path) {
    assertThat(kernel.at(path)).as(path).isEqualTo(asked(path));
  }

  /** What is at a path for who asks each time. */
  private String asked(String path) {
    try {
      return RememberingKernel.words(fs.stat(path));
    } catch (FsException e) {
      assertThat(e.error()).isIn(FsError.NO_ENTRY, FsError.NOT_DIRECTORY);
      return "nothing";
    }
  }

  /** What another client does; in words. */
  private String change(Random random) {
    Bytes key = Bytes.utf8(KEYS.get(random.nextInt(KEYS.size())));
    Bytes field = Bytes.utf8(FIELDS.get(random.nextInt(FIELDS.size())));
    Bytes value = Bytes.utf8("x".repeat(random.nextInt(4)));
    Change change =
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> new Change.DeleteKey(key);
          case 3, 4 -> new Change.Put(Cell.field(key, field), value);
          case 5 -> new Change.Delete(Cell.field(key, field));
          default -> new Change.Put(Cell.string(key), value);
        };
    try {
      store.commit(Transaction.of(change));
    } catch (WrongTypeException e) {
      store.commit(Transaction.of(new Change.DeleteKey(key)));
    }
    return change.toString();
  }

  @Test
  void areNotAskedForAgain() {
    put("d:e:f", "text");
    put("h", "one");
    fs = new Workspace(store, kept);
    RememberingKernel kernel = new RememberingKernel(fs.files);
    await().atMost(LONG).until(fs.index::isComplete);
    List<String> paths = List.of("d", "d/e", "d/e/f", "h", "h.x", "no", "d/no", "d/e/no.x");
    paths.forEach(kernel::at);
    int before = kernel.asked();

    paths.forEach(kernel::at);
    put("other:key", "text");
    put("d:e:another", "text");
    paths.forEach(kernel::at);

    assertThat(kernel.asked()).isEqualTo(before);
  }

  @Test
  void areKeptWhereTheFeedOnlyTellsOfWhatWasBefore() {
    put("a", "text");
    put("b", "text");
    AtomicReference<ChangeListener> told = new AtomicReference<>();
    fs = new Workspace(watching(told), kept);
    RememberingKernel kernel = new RememberingKernel(fs.files);
    await().atMost(LONG).until(fs.index::isComplete);
    List.of("a", "b", "no").forEach(kernel::at);

    told.get().changed(Bytes.utf8("a"));
    told.get().changed(Bytes.utf8("no"));
    store.commit(Transaction.of(new Change.DeleteKey(Bytes.utf8("b"))));
    await("it was looked at all of them")
        .atMost(LONG)
        .until(() -> kernel.at("b").equals("nothing"));

    int before = kernel.asked();
    assertThat(kernel.at("a")).startsWith("4 bytes");
    assertThat(kernel.at("no")).isEqualTo("nothing");
    assertThat(kernel.asked()).isEqualTo(before + 1);
    put("no", "text");
    await().atMost(LONG).until(() -> kernel.at("no").startsWith("4 bytes"));
  }

  @Test
  void aListingIsNotAskedForAgainUntilSomethingElseIsInTheDirectory() {
    put("d:e", "text");
    put("d:f:g", "text");
    put("other:key", "text");
    RememberingKernel kernel = listing("d", "", "d/f", "other");
    int listed = kernel.listed();

    put("other:key:more", "text");
    put("d:f:g", "other");
    put("d:f:new", "text");
    await().atMost(LONG).until(() -> kernel.in("d/f").contains("new"));
    assertThat(kernel.in("d")).containsExactly("e", "f");
    assertThat(kernel.in("")).containsExactly("d", "other");
    assertThat(kernel.listed()).isBetween(listed + 1, listed + 3);

    Instant before = fs.stat("d").modified();
    store.commit(Transaction.of(new Change.DeleteKey(Bytes.utf8("d:e"))));
    await().atMost(LONG).until(() -> kernel.in("d").equals(List.of("f")));
    assertThat(fs.stat("d").modified()).isAfter(before);
    store.commit(Transaction.of(new Change.DeleteKey(Bytes.utf8("d:f:g"))));
    store.commit(Transaction.of(new Change.DeleteKey(Bytes.utf8("d:f:new"))));
    await().atMost(LONG).until(() -> kernel.in("").equals(List.of("other")));
  }

  /** Who has listed directories, so that he need not list them again. */
  private RememberingKernel listing(String... paths) {
    return listing(store, paths);
  }

  private RememberingKernel listing(Backend backend, String... paths) {
    fs = new Workspace(backend, kept);
    RememberingKernel kernel = new RememberingKernel(fs.files);
    await().atMost(LONG).until(fs.index::isComplete);
    for (int i = 0; i < 2; i++) {
      List.of(paths).forEach(kernel::in);
    }
    int listed = kernel.listed();
    List.of(paths).forEach(kernel::in);
    assertThat(kernel.listed()).as("listed again").isEqualTo(listed);
    return kernel;
  }

  @Test
  void aListingFollowsWhatOnlyThisMachineHas() {
    put("d:f", "text");
    RememberingKernel kernel = listing("d");
    int listed = kernel.listed();

    fs.save("d/f~", "swap");

    assertThat(kernel.in("d")).containsExactly("f", "f~");
    fs.rm("d/f~");
    assertThat(kernel.in("d")).containsExactly("f");
    assertThat(kernel.listed()).isGreaterThan(listed);
  }

  @Test
  void aTimeThatAProgramSetsStaysThoughTheFeedTellsOfWhatItWroteBefore() {
    put("d:f", "text");
    AtomicReference<ChangeListener> told = new AtomicReference<>();
    RememberingKernel kernel = listing(watching(told), "d");
    Instant old = Instant.parse("2001-02-03T04:05:06Z");

    fs.save("d/f", "other");
    fs.setModified("d", old);
    told.get().changed(Bytes.utf8("d:f"));

    assertThat(fs.stat("d").modified()).isEqualTo(old);
    assertThat(kernel.in("d")).containsExactly("f");
    told.get().changed(Bytes.utf8("d:others"));
    assertThat(fs.stat("d").modified()).isAfter(old);
  }

  @Test
  void aTimeThatAProgramSetStaysThoughTheFeedTellsOfASaveBeforeItHasEnded() {
    put("d:f", "text");
    AtomicReference<ChangeListener> told = new AtomicReference<>();
    Runnable tell = () -> told.get().changed(Bytes.utf8("d:f"));
    listing(watching(told, tell), "d");
    Instant old = Instant.parse("2001-02-03T04:05:06Z");
    fs.setModified("d", old);

    fs.save("d/f", "other");

    assertThat(fs.stat("d").modified()).isEqualTo(old);
  }

  @Test
  void aTimeThatIsSetToWhatItWasDoesNotBringBackAnOldListing() {
    List<String> names = List.of("a", "b", "c", "f", "g", "h");
    names.forEach(name -> put("d:" + name, "text"));
    RememberingKernel kernel = listing("d");
    Instant was = fs.stat("d").modified();

    put("d:new", "text");
    await().atMost(LONG).until(() -> fs.stat("d").modified().isAfter(was));
    fs.setModified("d", was);

    assertThat(kernel.in("d")).containsAll(names).contains("new");
  }

  @Test
  void areNotReliedOnWhileTheFeedIsLost() {
    put("a", "text");
    AtomicReference<ChangeListener> told = new AtomicReference<>();
    fs = new Workspace(watching(told), kept);
    RememberingKernel kernel = new RememberingKernel(fs.files);
    await().atMost(LONG).until(fs.index::isComplete);
    List<String> paths = List.of("a", "no");
    paths.forEach(kernel::at);

    told.get().lost();
    await().atMost(LONG).until(fs.index::isComplete);

    paths.forEach(kernel::at);
    int before = kernel.asked();
    paths.forEach(kernel::at);
    assertThat(kernel.asked()).isEqualTo(before + 3);

    told.get().reset();
    await().atMost(LONG).until(fs.index::isComplete);
    paths.forEach(kernel::at);
    before = kernel.asked();
    paths.forEach(kernel::at);
    assertThat(kernel.asked()).isEqualTo(before);
  }

  /** The store, whose listener can be told something else, too. */
  private Backend watching(AtomicReference<ChangeListener> told) {
    return watching(told, () -> {});
  }

  /**
   * @param committed is done before a commit returns
   */
  private Backend watching(AtomicReference<ChangeListener> told, Runnable committed) {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("watch")) {
                told.set((ChangeListener) arguments[1]);
              }
              try {
                Object result = method.invoke(store, arguments);
                if (method.getName().equals("commit")) {
                  committed.run();
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void put(String key, String value) {
    store.commit(Transaction.of(new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value))));
  }
}
