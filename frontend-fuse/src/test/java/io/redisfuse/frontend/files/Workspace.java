package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import io.redisfuse.frontend.files.FileSystemOptions.Access;
import io.redisfuse.frontend.files.FileSystemOptions.DirectoryMarkers;
import io.redisfuse.frontend.files.FileSystemOptions.Locking;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import io.redisfuse.frontend.files.FileSystemOptions.Syncing;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.NewFiles;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A file system over a backend, used by paths, as programs use it, without a mount. */
final class Workspace implements AutoCloseable {

  static final Caller ME = new Caller(100, 1000, 1000);
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final Backend backend;
  final LiveIndex index;
  private final Keyspace keyspace;
  final KeyspaceFileSystem files;
  final KeptTexts kept;
  final FakeProcesses processes = new FakeProcesses();
  final AtomicReference<Instant> now = new AtomicReference<>(START);

  Workspace(Backend backend, Path kept) {
    this(backend, kept, "", ":", NewFiles.RULES, Access.READ_WRITE, DirectoryMarkers.KEYS);
  }

  Workspace(Backend backend, Path kept, OnConflict onConflict) {
    this(
        backend,
        kept,
        "",
        ":",
        NewFiles.RULES,
        Access.READ_WRITE,
        DirectoryMarkers.KEYS,
        onConflict,
        new Durability.Applied(),
        Syncing.FSYNC,
        Locking.LOCAL);
  }

  /** Where each save is waited for. */
  static Workspace syncing(Backend backend, Path kept, Durability durability) {
    return new Workspace(
        backend,
        kept,
        "",
        ":",
        NewFiles.RULES,
        Access.READ_WRITE,
        DirectoryMarkers.KEYS,
        OnConflict.REJECT,
        durability,
        Syncing.EACH_SAVE,
        Locking.LOCAL);
  }

  /** One of those that share their locks. */
  static Workspace sharing(Backend backend, Path kept) {
    return new Workspace(
        backend,
        kept,
        "",
        ":",
        NewFiles.RULES,
        Access.READ_WRITE,
        DirectoryMarkers.KEYS,
        OnConflict.REJECT,
        new Durability.Applied(),
        Syncing.FSYNC,
        Locking.SHARED);
  }

  Workspace(
      Backend backend,
      Path kept,
      String prefix,
      String delimiter,
      NewFiles newFiles,
      Access access,
      DirectoryMarkers markers) {
    this(
        backend,
        kept,
        prefix,
        delimiter,
        newFiles,
        access,
        markers,
        OnConflict.REJECT,
        new Durability.Applied(),
        Syncing.FSYNC,
        Locking.LOCAL);
  }

  private Workspace(
      Backend backend,
      Path kept,
      String prefix,
      String delimiter,
      NewFiles newFiles,
      Access access,
      DirectoryMarkers markers,
      OnConflict onConflict,
      Durability durability,
      Syncing syncing,
      Locking locking) {
    this.backend = backend;
    this.kept = new KeptTexts(kept, now::get);
    keyspace = new Keyspace(Bytes.utf8(prefix), Bytes.utf8(delimiter));
    index = new LiveIndex(backend, keyspace, Duration.ofSeconds(10));
    index.start();
    files =
        new KeyspaceFileSystem(
            backend,
            index,
            keyspace,
            new FileSystemOptions(
                access,
                newFiles,
                markers,
                durability,
                syncing,
                1000,
                1000,
                onConflict,
                ScratchNames.defaults(),
                locking),
            this.kept,
            "memory",
            processes,
            now::get);
  }

  /** A process with this number. */
  Program program(int process) {
    return new Program(files, process);
  }

  /** A process with this number, started by another. */
  Program child(int process, int parent) {
    processes.child(process, parent);
    return program(process);
  }

  /** The texts that are kept for this reason, oldest first. */
  List<String> kept(Reason reason) {
    try {
      List<String> texts = new ArrayList<>();
      for (KeptText text : kept.list()) {
        if (text.reason() == reason) {
          texts.add(Files.readString(text.file()));
        }
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- paths

  long node(String path) {
    long node = FileSystem.ROOT;
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        node = files.lookup(node, Bytes.utf8(name)).node();
      }
    }
    return node;
  }

  long parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? FileSystem.ROOT : node(path.substring(0, slash));
  }

  static Bytes name(String path) {
    return Bytes.utf8(path.substring(path.lastIndexOf('/') + 1));
  }

  Attributes stat(String path) {
    return files.attributes(node(path), ME);
  }

  boolean exists(String path) {
    try {
      node(path);
      return true;
    } catch (FsException e) {
      assertThat(e.error()).isEqualTo(FsError.NO_ENTRY);
      return false;
    }
  }

  List<String> list(String path) {
    long handle = files.openDirectory(node(path), ME);
    try {
      return files.entries(handle, FileSystem.ListedFrom.START).entries().stream()
          .map(entry -> entry.name().toUtf8())
          .sorted()
          .toList();
    } finally {
      files.releaseDirectory(handle);
    }
  }

  // ---- what programs do

  void setModified(String path, Instant time) {
    files.setAttributes(
        node(path),
        OptionalLong.empty(),
        AttributeChange.times(Optional.empty(), Optional.of(time)),
        ME);
  }

  long open(String path, OpenMode.Flag... flags) {
    return files.open(node(path), OpenMode.of(flags), ME);
  }

  long create(String path, OpenMode.Flag... flags) {
    return files.create(parent(path), name(path), 0644, OpenMode.of(flags), ME).handle();
  }

  void write(long handle, long offset, String text) {
    Bytes bytes = Bytes.utf8(text);
    assertThat(files.write(handle, offset, bytes.asByteBuffer())).isEqualTo(bytes.length());
  }

  String read(long handle) {
    return read(handle, 0, 1 << 20);
  }

  String read(long handle, long offset, int length) {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    int n = files.read(handle, offset, buffer);
    return Bytes.copyOf(ByteBuffer.wrap(buffer.array(), 0, n)).toUtf8();
  }

  /** {@code close(2)} of the only descriptor. */
  void close(long handle) {
    try {
      files.flush(handle, ME);
    } finally {
      files.release(handle);
    }
  }

  /** {@code echo text > path}. */
  void save(String path, String text) {
    long handle = create(path, WRITE, TRUNCATE);
    write(handle, 0, text);
    close(handle);
  }

  String cat(String path) {
    long handle = open(path, READ);
    try {
      return read(handle);
    } finally {
      close(handle);
    }
  }

  void mkdir(String path) {
    files.makeDirectory(parent(path), name(path), 0755, ME);
  }

  void rmdir(String path) {
    files.removeDirectory(parent(path), name(path), ME);
  }

  void rm(String path) {
    files.unlink(parent(path), name(path), ME);
  }

  void mv(String from, String to) {
    files.rename(parent(from), name(from), parent(to), name(to), ME);
  }

  // ---- what other clients of the store do and see

  void set(String key, String value) {
    commit(key, new Change.Put(Cell.string(Bytes.utf8(key)), Bytes.utf8(value)));
  }

  void hset(String key, String field, String value) {
    commit(key, new Change.Put(field(key, field), Bytes.utf8(value)));
  }

  void del(String key) {
    commit(key, new Change.DeleteKey(Bytes.utf8(key)));
  }

  void hdel(String key, String field) {
    commit(key, new Change.Delete(field(key, field)));
  }

  /** {@code RENAME from to}, whatever {@code to} holds. */
  void renameKey(String from, String to) {
    commit(to, new Change.MoveKey(Bytes.utf8(from), Bytes.utf8(to)));
  }

  void expire(String key, Duration ttl) {
    commit(key, new Change.Expire(Bytes.utf8(key), Optional.of(ttl)));
  }

  /** Commits, and waits until the index has heard of it. */
  private void commit(String key, Change change) {
    long before = index.stamp();
    backend.commit(Transaction.of(change));
    if (keyspace.contains(Bytes.utf8(key))) {
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(10))
          .until(() -> index.stamp() != before);
    }
  }

  Optional<String> get(String key) {
    return backend.read(Cell.string(Bytes.utf8(key))).map(Snapshot::content).map(Bytes::toUtf8);
  }

  Optional<String> hget(String key, String field) {
    return backend.read(field(key, field)).map(Snapshot::content).map(Bytes::toUtf8);
  }

  Optional<Duration> ttl(String key) {
    Cell cell = Cell.string(Bytes.utf8(key));
    return backend.describe(List.of(cell)).get(cell).ttl();
  }

  List<String> keys() {
    java.util.TreeSet<String> keys = new java.util.TreeSet<>();
    backend.scan(Bytes.EMPTY, (key, type) -> keys.add(key.toUtf8()) | true);
    return List.copyOf(keys);
  }

  /** Every string as its key, every field as {@code key.field}. */
  List<String> cells() {
    java.util.TreeSet<String> cells = new java.util.TreeSet<>();
    for (String key : keys()) {
      List<FieldStatus> fields =
          backend.fields(List.of(Bytes.utf8(key))).getOrDefault(Bytes.utf8(key), List.of());
      fields.forEach(field -> cells.add(key + "." + field.field().toUtf8()));
      if (fields.isEmpty()) {
        cells.add(key);
      }
    }
    return List.copyOf(cells);
  }

  private static Cell field(String key, String field) {
    return Cell.field(Bytes.utf8(key), Bytes.utf8(field));
  }

  static FsError errorOf(ThrowingCallable action) {
    FsException failure = catchThrowableOfType(FsException.class, action);
    assertThat(failure).as("an error").isNotNull();
    assertThat(failure.getMessage()).isNotBlank();
    return failure.error();
  }

  @Override
  public void close() {
    files.close();
    index.close();
    backend.close();
  }
}
