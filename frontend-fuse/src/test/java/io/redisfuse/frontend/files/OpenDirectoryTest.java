package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Backend;
import io.redisfuse.backend.memory.MemoryBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenDirectoryTest {

  @TempDir Path kept;
  private final MemoryBackend store = new MemoryBackend();

  /** How often fields were asked for, as they are at each listing. */
  private final AtomicInteger listings = new AtomicInteger();

  private Backend counting() {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("fields")) {
                listings.incrementAndGet();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aSnapshotIsTakenOnceAndAnewForWhoBeginsAgain() {
    try (Workspace fs = new Workspace(counting(), kept)) {
      fs.hset("d:h", "f", "field");
      fs.set("d:a", "text");
      int before = listings.get();
      long handle = fs.files.openDirectory(fs.node("d"), Workspace.ME);
      fs.save("d/new", "text");

      assertThat(names(fs, handle)).containsExactly("a", "h.f");
      assertThat(listings.get() - before).isEqualTo(1);
      assertThat(names(fs, handle)).containsExactly("a", "h.f", "new");
      fs.files.releaseDirectory(handle);
    }
  }

  private static List<String> names(Workspace fs, long handle) {
    return fs.files.entries(handle, FileSystem.ListedFrom.START).entries().stream()
        .map(entry -> entry.name().toUtf8())
        .sorted()
        .toList();
  }
}
