package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.Names;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A keyspace as a file system.
 *
 * <p>Concurrency: {@link #names} is held shared by every operation and exclusively by the rename of
 * a directory, which changes what many nodes stand for; inside it an operation takes the lock of
 * the one file it is about (a rename takes two, in the order of their numbers); inside that the
 * {@link NodeTable} and the index take theirs for a moment. The backend is called with the names
 * and the file locked, never with the table or the index locked.
 */
public final class KeyspaceFileSystem implements FileSystem {

  private static final Logger log = LoggerFactory.getLogger(KeyspaceFileSystem.class);
  private static final int BLOCK_BYTES = 4096;
  private static final long BLOCKS = 1L << 28;

  private final ReadWriteLock names = new ReentrantReadWriteLock();
  private final Store store;
  private final NodeTable nodes;
  private final Handles handles = new Handles();
  private final Directories directories;
  private final Departures departures;
  private final Namespace namespace;
  private final Renames renames;
  private final FileSystemOptions options;
  private final Processes processes;

  public KeyspaceFileSystem(
      Backend backend,
      LiveIndex index,
      Keyspace keyspace,
      FileSystemOptions options,
      Processes processes,
      InstantSource clock) {
    this.options = options;
    this.processes = processes;
    RejectedContents rejected = new RejectedContents(options.rejected(), clock);
    this.store = new Store(backend, index, keyspace, options.durability(), clock, rejected);
    this.nodes =
        new NodeTable(keyspace.root(), options.owner(), options.group(), clock.instant(), store);
    this.directories = new Directories(store, nodes, options.newFiles());
    this.departures = new Departures(processes, clock);
    this.namespace =
        new Namespace(store, nodes, directories, departures, options.directoryMarkers());
    this.renames = new Renames(store, nodes, directories, namespace);
  }

  @Override
  public Attributes lookup(long parent, Bytes name) {
    return shared(
        () -> {
          Found found = namespace.require(directory(parent), name);
          Node node = nodes.lookUp(found.identity());
          try {
            return attributes(node, found.size());
          } catch (RuntimeException e) {
            nodes.forget(node.id(), 1);
            throw e;
          }
        });
  }

  @Override
  public void forget(long node, long lookups) {
    nodes.forget(node, lookups);
  }

  @Override
  public Attributes attributes(long node) {
    return shared(() -> attributes(nodes.get(node), OptionalLong.empty()));
  }

  @Override
  public Attributes attributesOfHandle(long handle) {
    return shared(
        () -> {
          if (handles.isCollection(handle)) {
            Handles.OpenCollection open = handles.collection(handle);
            return open.node().attributes(open.text().size());
          }
          FileNode node = handles.file(handle).node();
          return node.attributes(node.file().locked(node.file()::sizeNow));
        });
  }

  @Override
  public Attributes setAttributes(long node, OptionalLong handle, AttributeChange change) {
    return shared(
        () -> {
          requireWritable();
          Node changed = nodes.get(node);
          change.size().ifPresent(size -> resize(changed, handle, size));
          changed.apply(change, store.now());
          return handle.isPresent()
              ? attributesOfHandle(handle.getAsLong())
              : attributes(changed, OptionalLong.empty());
        });
  }

  @Override
  public long open(long node, OpenMode mode, Caller caller) {
    return shared(() -> opened(node, mode, caller));
  }

  @Override
  public Created create(long parent, Bytes name, int permissions, OpenMode mode, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          Node node = namespace.createOrLookUp(directory(parent), name, permissions, mode, caller);
          try {
            long handle = opened(node.id(), mode, caller);
            return new Created(attributesOfHandle(handle), handle);
          } catch (RuntimeException e) {
            nodes.forget(node.id(), 1);
            throw e;
          }
        });
  }

  @Override
  public Attributes makeFile(long parent, Bytes name, int permissions, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          OpenMode atOnce = OpenMode.of(OpenMode.Flag.EXCLUSIVE);
          return namespace
              .createOrLookUp(directory(parent), name, permissions, atOnce, caller)
              .attributes(0);
        });
  }

  @Override
  public int read(long handle, long offset, ByteBuffer into) {
    return shared(
        () -> {
          if (handles.isCollection(handle)) {
            return handles.collection(handle).text().read(offset, into.duplicate());
          }
          Handle open = handles.file(handle);
          if (!open.mode().reads()) {
            throw notOpenFor("reading");
          }
          OpenFile file = open.node().file();
          return file.locked(() -> file.read(offset, into));
        });
  }

  @Override
  public int write(long handle, long offset, ByteBuffer from) {
    return shared(
        () -> {
          Handle open = handles.file(handle);
          if (!open.mode().writes()) {
            throw notOpenFor("writing");
          }
          OpenFile file = open.node().file();
          return file.locked(
              () -> {
                open.failure().ifPresent(KeyspaceFileSystem::fail);
                return file.write(open, offset, from);
              });
        });
  }

  @Override
  public void flush(long handle, Caller caller) {
    if (handles.isCollection(handle)) {
      return;
    }
    Handle open = handles.file(handle);
    if (!open.mode().writes()) {
      return;
    }
    OpenFile file = open.node().file();
    shared(
        () ->
            file.locked(
                () -> {
                  open.failure().ifPresent(KeyspaceFileSystem::fail);
                  if (file.isDirty() && !isForLater(open, file, caller)) {
                    file.save();
                  }
                }));
  }

  @Override
  public void fsync(long handle, Caller caller) {
    if (handles.isCollection(handle)) {
      return;
    }
    Handle open = handles.file(handle);
    OpenFile file = open.node().file();
    shared(
        () -> {
          file.locked(
              () -> {
                open.failure().ifPresent(KeyspaceFileSystem::fail);
                file.save();
              });
          store.sync();
        });
  }

  @Override
  public void release(long handle) {
    if (handles.isCollection(handle)) {
      Handles.OpenCollection open = handles.removeCollection(handle);
      open.text().close();
      nodes.drop(open.node());
      return;
    }
    Handle open = handles.removeFile(handle);
    OpenFile file = open.node().file();
    names.readLock().lock();
    try {
      file.locked(() -> saveForTheLastTime(open, file));
    } finally {
      names.readLock().unlock();
      nodes.drop(open.node());
    }
  }

  @Override
  public void unlink(long parent, Bytes name, Caller caller) {
    shared(
        () -> {
          requireWritable();
          namespace.removeFile(directory(parent), name, caller);
        });
  }

  @Override
  public Attributes makeDirectory(long parent, Bytes name, int permissions, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          return namespace
              .makeDirectory(directory(parent), name, permissions, caller)
              .attributes(0);
        });
  }

  @Override
  public void removeDirectory(long parent, Bytes name, Caller caller) {
    shared(
        () -> {
          requireWritable();
          namespace.removeDirectory(directory(parent), name);
        });
  }

  @Override
  public void rename(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    requireWritable();
    boolean isDirectory = shared(() -> namespace.require(directory(parent), name)).isDirectory();
    if (isDirectory) {
      locked(names.writeLock(), () -> renamed(parent, name, newParent, newName, caller));
    } else {
      shared(() -> renamed(parent, name, newParent, newName, caller));
    }
  }

  private void renamed(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    DirectoryNode from = directory(parent);
    DirectoryNode to = directory(newParent);
    Found source = namespace.require(from, name);
    Optional<Found> target = namespace.find(to, newName);
    if (target.isPresent() && target.get().identity().equals(source.identity())) {
      return;
    }
    Renames.Place place = new Renames.Place(to.keyStem(), newName);
    namespace.retain(from.keyStem());
    if (source.isDirectory()) {
      renames.directory(source, place, target);
    } else if (source.isCollection()) {
      renames.collection(source, place, target);
    } else {
      renames.file(source, place, target, caller);
      departures.left(from.keyStem(), name, source, caller);
    }
    from.contentChanged(store.now());
    to.contentChanged(store.now());
  }

  @Override
  public long openDirectory(long node, Caller caller) {
    return shared(
        () -> {
          List<DirectoryEntry> entries = new ArrayList<>();
          directories
              .list(directory(node).keyStem())
              .forEach(
                  (name, found) ->
                      entries.add(
                          new DirectoryEntry(
                              name,
                              found.isDirectory() ? FileKind.DIRECTORY : FileKind.FILE,
                              nodes.inodeOf(found.identity()))));
          return handles.add(List.copyOf(entries));
        });
  }

  @Override
  public List<DirectoryEntry> entries(long directoryHandle) {
    return handles.directory(directoryHandle);
  }

  @Override
  public void releaseDirectory(long directoryHandle) {
    handles.removeDirectory(directoryHandle);
  }

  @Override
  public Capacity capacity() {
    return new Capacity(BLOCK_BYTES, BLOCKS, BLOCKS, store.index().size(), Names.MAX_BYTES);
  }

  @Override
  public void close() {
    for (Handle open : handles.files()) {
      OpenFile file = open.node().file();
      names.readLock().lock();
      try {
        file.locked(() -> saveOrKeep(file));
      } finally {
        names.readLock().unlock();
      }
    }
  }

  private long opened(long node, OpenMode mode, Caller caller) {
    if (mode.writes() || mode.truncates()) {
      requireWritable();
    }
    Node held = nodes.hold(node);
    try {
      if (held instanceof DirectoryNode) {
        throw new FsException(FsError.IS_DIRECTORY, "A directory is not opened as a file.");
      }
      if (held instanceof CollectionNode collection) {
        requireReading(collection, mode);
        return handles.add(new Handles.OpenCollection(collection, text(collection)));
      }
      Handle handle = new Handle((FileNode) held, mode, caller);
      handle.node().file().locked(() -> handle.node().file().open(handle));
      return handles.add(handle);
    } catch (RuntimeException e) {
      nodes.drop(held);
      throw e;
    }
  }

  private void resize(Node node, OptionalLong through, long size) {
    if (node instanceof DirectoryNode) {
      throw new FsException(FsError.IS_DIRECTORY, "A directory has no size to change.");
    }
    if (node instanceof CollectionNode collection) {
      requireReading(collection, OpenMode.of(OpenMode.Flag.WRITE));
    }
    FileNode resized = (FileNode) node;
    OpenFile file = resized.file();
    if (through.isPresent()) {
      Handle handle = handles.file(through.getAsLong());
      if (!handle.mode().writes()) {
        throw notOpenFor("writing");
      }
      file.locked(
          () -> {
            handle.failure().ifPresent(KeyspaceFileSystem::fail);
            file.truncate(handle, size);
          });
      return;
    }
    Handle handle = new Handle(resized, OpenMode.of(OpenMode.Flag.WRITE), new Caller(0, 0, 0));
    file.locked(
        () -> {
          file.open(handle);
          try {
            file.truncate(handle, size);
            file.save();
          } finally {
            file.close(handle);
          }
        });
  }

  /**
   * Whether a flush is not the end of what is being written: a descriptor was closed that is only a
   * copy, while the one who opened the file still has another. Shells do so for {@code >}: they
   * open the file, make it their standard output, close the first descriptor, and write only then;
   * and a child that inherited the file closes it when it ends.
   */
  private boolean isForLater(Handle handle, OpenFile file, Caller caller) {
    int opener = handle.opener().thread();
    boolean inherited = !processes.areOne(opener, caller.thread());
    return (inherited || !file.isWritten()) && processes.hasOpen(opener, handle.node().inode());
  }

  private void saveForTheLastTime(Handle handle, OpenFile file) {
    if (handle.isDirty() || file.isUnsaved()) {
      saveOrKeep(file);
    }
    file.close(handle);
  }

  /** Nobody can be told any more, so what cannot be saved is kept aside. */
  private void saveOrKeep(OpenFile file) {
    try {
      file.save();
    } catch (FsException e) {
      log.warn("A file was closed, and could not be saved: {}", e.getMessage());
      file.abandon(e.getMessage());
    } catch (BackendException e) {
      log.warn("A file was closed, and could not be saved: {}", e.getMessage());
      file.abandon(e.getMessage());
    }
  }

  private Attributes attributes(Node node, OptionalLong knownSize) {
    if (node instanceof DirectoryNode) {
      return node.attributes(0);
    }
    if (node instanceof CollectionNode collection) {
      Content text = text(collection);
      try {
        return node.attributes(text.size());
      } finally {
        text.close();
      }
    }
    FileNode file = (FileNode) node;
    return file.attributes(file.file().locked(() -> sizeOf(file, knownSize)));
  }

  private long sizeOf(FileNode node, OptionalLong knownSize) {
    OpenFile file = node.file();
    if (file.isDirty() || file.isDetached()) {
      return file.sizeNow();
    }
    if (knownSize.isPresent()) {
      return knownSize.getAsLong();
    }
    CellStatus status = store.backend().describe(List.of(node.cell())).get(node.cell());
    if (status == null || status.size().isEmpty()) {
      throw new FsException(FsError.NO_ENTRY, "The " + node.cell() + " does not exist.");
    }
    return status.size().getAsLong();
  }

  private Content text(CollectionNode collection) {
    try {
      return ElementText.of(store.backend().elements(collection.key()));
    } catch (WrongTypeException e) {
      // A type of a module, or a key that has just become another type.
      return Content.empty();
    }
  }

  private DirectoryNode directory(long node) {
    if (nodes.get(node) instanceof DirectoryNode directory) {
      return directory;
    }
    throw new FsException(FsError.NOT_DIRECTORY, "The node " + node + " is not a directory.");
  }

  private void requireWritable() {
    if (options.access() == FileSystemOptions.Access.READ_ONLY) {
      throw new FsException(FsError.READ_ONLY, "The mount is read-only.");
    }
  }

  private static void requireReading(CollectionNode collection, OpenMode mode) {
    if (mode.writes() || mode.truncates()) {
      throw new FsException(
          FsError.ACCESS,
          "The key "
              + collection.key()
              + " is a collection, which is shown as text but cannot be written; use redis-cli.");
    }
  }

  private static FsException notOpenFor(String what) {
    return new FsException(FsError.BAD_HANDLE, "The handle is not open for " + what + ".");
  }

  private static void fail(FsException failure) {
    throw failure;
  }

  private <T> T shared(Supplier<T> operation) {
    return locked(names.readLock(), operation);
  }

  private void shared(Runnable operation) {
    locked(names.readLock(), operation);
  }

  private static void locked(Lock lock, Runnable operation) {
    locked(
        lock,
        () -> {
          operation.run();
          return null;
        });
  }

  /** Every operation passes here: what the backend and the disk throw is translated. */
  private static <T> T locked(Lock lock, Supplier<T> operation) {
    lock.lock();
    try {
      return operation.get();
    } catch (BackendException e) {
      throw BackendErrors.translate(e);
    } catch (UncheckedIOException e) {
      throw new FsException(
          FsError.IO,
          "The temporary directory could not be used: " + e.getMessage() + "; free some space.",
          e);
    } finally {
      lock.unlock();
    }
  }
}
