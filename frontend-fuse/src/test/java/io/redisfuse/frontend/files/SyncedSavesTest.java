package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Durability;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each save is waited for until it is durable; who is told that it is not may save again. */
class SyncedSavesTest {

  private static final Durability DURABILITY = new Durability.Replicas(1);

  @TempDir Path kept;
  private final MemoryBackend store = new MemoryBackend();

  /** The keys that were waited for each time; none for all that there are. */
  private final List<Set<String>> synced = new ArrayList<>();

  private boolean fails;
  private Workspace fs;

  @AfterEach
  void stop() {
    fs.close();
  }

  /** The store, which tells what was waited for. */
  private Backend noticing() {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("sync")) {
                assertThat(arguments[arguments.length - 1]).isEqualTo(DURABILITY);
                synced.add(arguments.length == 1 ? Set.of() : texts((Collection<?>) arguments[0]));
                if (fails) {
                  throw new BackendUnavailableException("no replica", null);
                }
                return null;
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Set<String> texts(Collection<?> keys) {
    return keys.stream().map(Object::toString).collect(Collectors.toSet());
  }

  @Test
  void aCloseAndARenameThatSaveWait() {
    fs = Workspace.syncing(noticing(), kept, DURABILITY);

    fs.save("file", "one");
    assertThat(synced).containsExactly(Set.of("file"));
    fs.mv("file", "other");
    assertThat(synced).containsExactly(Set.of("file"), Set.of("file", "other"));
    long reading = fs.open("other", OpenMode.Flag.READ);
    fs.close(reading);
    assertThat(synced).hasSize(2);
  }

  @Test
  void aSaveByRenameWaitsForTheFile() {
    fs = Workspace.syncing(noticing(), kept, DURABILITY);
    fs.save("file", "one");

    fs.save("file~", "two");
    fs.mv("file~", "file");

    assertThat(synced).containsExactly(Set.of("file"), Set.of("file"));
  }

  @Test
  void theRenameOfADirectoryWaitsForAllThatWasCommitted() {
    fs = Workspace.syncing(noticing(), kept, DURABILITY);
    fs.mkdir("d");
    fs.save("d/file", "one");

    fs.mv("d", "e");

    assertThat(synced).containsExactly(Set.of("d:file"), Set.of());
  }

  @Test
  void whatIsNotDurableIsAnErrorButSavedAndNoConflictForTheNextSave() {
    fs = Workspace.syncing(noticing(), kept, DURABILITY);
    Program editor = fs.program(7);
    fails = true;

    assertThat(Workspace.errorOf(() -> editor.save("file", "one"))).isEqualTo(FsError.IO);

    assertThat(fs.cat("file")).isEqualTo("one");
    fails = false;
    editor.save("file", "two");
    assertThat(fs.cat("file")).isEqualTo("two");
  }

  @Test
  void nothingIsWaitedForUnlessThatIsAsked() {
    fs = new Workspace(noticing(), kept);

    fs.save("file", "one");

    assertThat(synced).isEmpty();
  }
}
