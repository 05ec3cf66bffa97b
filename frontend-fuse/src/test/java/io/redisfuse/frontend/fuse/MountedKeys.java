package io.redisfuse.frontend.fuse;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.FileSystemOptions;
import io.redisfuse.frontend.files.KeyspaceFileSystem;
import io.redisfuse.frontend.files.ProcFileSystem;
import io.redisfuse.frontend.files.ScratchNames;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.NewFiles;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keys in memory, mounted through the kernel's own protocol, and changed behind its back. */
final class MountedKeys implements AutoCloseable {

  final MemoryBackend store = new MemoryBackend();
  final GatedBackend backend = new GatedBackend(store);
  final Path directory;
  final LiveIndex index;
  private final KeyspaceFileSystem files;
  private final FuseMount mount;

  /** For how many nanoseconds something waited each time the kernel was told of it. */
  final Queue<Long> lags = new ConcurrentLinkedQueue<>();

  MountedKeys(Path kept) throws IOException, InterruptedException {
    directory = Files.createTempDirectory("redisfuse-keys").toRealPath();
    Keyspace keyspace = new Keyspace(Bytes.EMPTY, Bytes.utf8(":"));
    index = new LiveIndex(backend.backend(), keyspace, Duration.ofSeconds(20));
    files =
        new KeyspaceFileSystem(
            backend.backend(),
            index,
            keyspace,
            new FileSystemOptions(
                FileSystemOptions.Access.READ_WRITE,
                NewFiles.RULES,
                FileSystemOptions.DirectoryMarkers.KEYS,
                new Durability.Applied(),
                FileSystemOptions.Syncing.FSYNC,
                0,
                0,
                FileSystemOptions.OnConflict.REJECT,
                ScratchNames.defaults(),
                FileSystemOptions.Locking.LOCAL),
            new KeptTexts(kept, Clock.systemUTC()),
            "memory",
            new ProcFileSystem(),
            Clock.systemUTC());
    index.start();
    mount =
        FuseMount.mount(
            directory,
            files,
            Mounted.OPTIONS.withBinding(MountOptions.Binding.KERNEL).withTold(lags::add));
    if (!index.awaitComplete(Duration.ofSeconds(20))) {
      throw new AssertionError("the index does not become complete");
    }
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  /** What another client does. */
  void put(String key, String value) {
    commit(new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value)));
  }

  void delete(String key) {
    commit(new Change.DeleteKey(Bytes.utf8(key)));
  }

  void commit(Change change) {
    store.commit(Transaction.of(change));
  }

  @Override
  public void close() throws IOException {
    try {
      mount.close();
    } finally {
      Mounted.release(directory);
      files.close();
      index.close();
      store.close();
    }
  }
}
