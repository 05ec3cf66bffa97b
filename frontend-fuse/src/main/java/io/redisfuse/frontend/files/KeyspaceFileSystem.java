package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.LocalLocks;
import io.redisfuse.frontend.files.locks.SharedLocks;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.Names;
import io.redisfuse.frontend.tree.LiveIndex;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

  /** How often it is looked whether processes have ended that have something unsettled. */
  private static final Duration TICK = Duration.ofMillis(200);

  /** Every so many ticks what ended processes have read is forgotten. */
  private static final int SWEEP_TICKS = 50;

  /** A name that is settled while it is renamed or removed is looked for so often. */
  private static final int TRIES = 3;

  private final StripedNamesLock names = new StripedNamesLock();
  private final Store store;
  private final NodeTable nodes;
  private final Handles handles = new Handles();
  private final FileLocks locks;
  private final RecentListings recent = new RecentListings(System::nanoTime);
  private final Settlement settlement;
  private final Namespace namespace;
  private final Moves moves;
  private final Exchanges exchanges;
  private final Opener opener;
  private final Stat stat;
  private final ShownTexts shown;
  private final Invalidations invalidations;
  private final CachedNames cached;
  private final CachedListings listings;
  private final FileSystemOptions options;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "redisfuse-settle");
            thread.setDaemon(true);
            return thread;
          });
  private final ScheduledFuture<?> ticks;

  /** Only the ticker's thread counts. */
  private int tick;

  /**
   * @param kept where texts are kept that could not be saved
   * @param source the server and database, without secrets
   */
  public KeyspaceFileSystem(
      Backend backend,
      LiveIndex index,
      Keyspace keyspace,
      FileSystemOptions options,
      KeptTexts kept,
      String source,
      Processes processes,
      InstantSource clock) {
    this.options = options;
    this.store =
        new Store(
            backend,
            index,
            keyspace,
            options.durability(),
            options.syncing(),
            clock,
            new RejectedContents(kept, source),
            options.onConflict(),
            processes);
    this.nodes =
        new NodeTable(keyspace.root(), options.owner(), options.group(), clock.instant(), store);
    Directories directories = new Directories(store, nodes, options.newFiles(), recent);
    Departures departures = new Departures(clock);
    this.listings = new CachedListings(clock);
    ScratchFiles scratch = new ScratchFiles(nodes, clock, listings::changedHere);
    Withheld withheld = new Withheld(listings::changedHere);
    this.settlement = new Settlement(store, nodes, directories, scratch, withheld, handles);
    Backups backups = new Backups(store, directories, scratch, settlement, handles);
    store.tellBackups(backups::isMakingOne);
    this.invalidations =
        new Invalidations(
            index, keyspace, nodes, listings, directories, (in, name) -> isLocal(in, name));
    this.cached = invalidations.names();
    this.shown = new ShownTexts(store, directories, scratch, cached::outdate);
    this.namespace =
        new Namespace(
            store,
            nodes,
            directories,
            departures,
            scratch,
            options.scratchNames(),
            settlement,
            backups,
            shown,
            options.directoryMarkers());
    Renames renames = new Renames(store, nodes, directories, namespace, settlement, scratch);
    ScratchRenames scratchRenames =
        new ScratchRenames(
            store, nodes, namespace, directories, scratch, settlement, backups, renames);
    this.moves = new Moves(renames, scratchRenames, namespace, departures, options.scratchNames());
    this.exchanges = new Exchanges(store, nodes, scratch, settlement, backups);
    this.opener = new Opener(store, nodes, settlement, backups, scratch);
    Watched watched = new Watched(store, nodes);
    this.stat = new Stat(store, nodes, watched);
    index.alsoTell(watched);
    // Who saves and opens again, perhaps by another name, is not to find what was there before.
    store.tellOfOwnChanges(
        listings::changesHere,
        key -> {
          listings.changesHere(key);
          watched.changed(key);
        });
    index.alsoTell(store.statuses());
    // After those who would answer otherwise than before when the kernel asks again.
    index.alsoTell(invalidations);
    store.rejected().tell(shown::show);
    this.locks = locks(backend);
    this.ticks =
        ticker.scheduleWithFixedDelay(
            this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private FileLocks locks(Backend backend) {
    if (options.locking() == FileSystemOptions.Locking.LOCAL
        || options.access() == FileSystemOptions.Access.READ_ONLY) {
      return new LocalLocks();
    }
    SharedLocks shared = new SharedLocks(backend, new LockedHandles(names, store, nodes, handles));
    store.fence(shared);
    return new ReportedLocks(shared);
  }

  /** Shows, beside their files, texts of this source that were kept before the mount. */
  public void showKeptTexts() {
    shown.showThoseFromBefore();
  }

  /** From now on tells somebody how saves end; he returns at once, and throws nothing. */
  public void tellOfSaves(Consumer<SaveResult> who) {
    store.tellOfSaves(who);
  }

  @Override
  public Attributes lookup(long parent, Bytes name) {
    return shared(
        () -> {
          DirectoryNode directory = directory(parent);
          return lookUp(Namespace.required(directory, name, namespace.lookAt(directory, name)));
        });
  }

  private static Attributes made(Node node) {
    node.telling();
    return node.attributes(0);
  }

  private boolean isLocal(DirectoryNode directory, Bytes name) {
    return namespace.isLocal(directory, name);
  }

  /**
   * Does what gives a name another meaning, or takes it away, at the kernel's request: which knows
   * that then by itself.
   */
  private <T> T changing(DirectoryNode directory, Bytes name, Supplier<T> change) {
    boolean isKnown = cached.take(directory, name);
    try {
      return change.get();
    } catch (RuntimeException e) {
      if (isKnown) {
        cached.outdate(directory, name);
      }
      throw e;
    }
  }

  private void changing(DirectoryNode directory, Bytes name, Runnable change) {
    changing(
        directory,
        name,
        () -> {
          change.run();
          return null;
        });
  }

  private Attributes lookUp(Found found) {
    Node node = nodes.lookUp(found.identity());
    try {
      return stat.of(node, found);
    } catch (RuntimeException e) {
      nodes.forget(node.id(), 1);
      throw e;
    }
  }

  @Override
  public Looked look(long parent, Bytes name) {
    return shared(
        () -> {
          DirectoryNode directory = directory(parent);
          Optional<CachedName> note =
              namespace.isLocal(directory, name) ? Optional.empty() : cached.note(directory, name);
          try {
            Optional<Found> found = namespace.lookAt(directory, name);
            Optional<Attributes> attributes = found.map(this::lookUp);
            return new Looked(
                attributes, note.map(n -> validNanos(n, found, attributes)).orElse(0L));
          } catch (RuntimeException e) {
            note.ifPresent(cached::dismiss);
            throw e;
          }
        });
  }

  /** For how long the answer may be relied on; what is not told of is not noted either. */
  private long validNanos(CachedName note, Optional<Found> found, Optional<Attributes> attributes) {
    boolean isTold = store.index().isLive() && store.index().isComplete();
    if (!isTold || found.filter(KeyspaceFileSystem::isKnownHereOnly).isPresent()) {
      cached.dismiss(note);
      return 0;
    }
    if (found.isEmpty()) {
      return cached.isStillAbsent(note) ? Attributes.UNTIL_TOLD : 0;
    }
    if (!cached.isStill(note, nodes.get(attributes.orElseThrow().node()))) {
      return 0;
    }
    return found.get().ttl().map(Duration::toNanos).orElse(Attributes.UNTIL_TOLD);
  }

  /** Whether the backend does not know it: a scratch file, or one that was not saved yet. */
  private static boolean isKnownHereOnly(Found found) {
    return found.isScratch() || (!found.isDirectory() && found.size().isEmpty());
  }

  @Override
  public void tell(KernelCache cache) {
    invalidations.tell(cache);
    store.cache(cache);
  }

  @Override
  public void forget(long node, long lookups) {
    Optional<Node> forgotten = nodes.forget(node, lookups);
    if (forgotten.isPresent()) {
      invalidations.forgotten(forgotten.get());
      if (forgotten.get() instanceof FileNode file) {
        file.usedFile().ifPresent(used -> used.forgotten(nodes));
      }
    }
  }

  @Override
  public Attributes attributes(long node, Caller caller) {
    return shared(() -> stat.of(nodes.get(node), () -> store.processes().of(caller.thread())));
  }

  @Override
  public Attributes attributesOfHandle(long handle) {
    return shared(() -> handles.file(handle).attributes());
  }

  @Override
  public Attributes setAttributes(
      long node, OptionalLong handle, AttributeChange change, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          Node changed = nodes.get(node);
          if (change.size().isPresent()) {
            long size = change.size().getAsLong();
            if (handle.isPresent()) {
              handles.file(handle.getAsLong()).resize(size);
            } else {
              opener.resize(changed, size, caller);
            }
          }
          changed.apply(change, store.now());
          return handle.isPresent() ? attributesOfHandle(handle.getAsLong()) : stat.of(changed);
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
          DirectoryNode in = directory(parent);
          Node node =
              changing(
                  in, name, () -> namespace.createOrLookUp(in, name, permissions, mode, caller));
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
          DirectoryNode in = directory(parent);
          return made(
              changing(
                  in, name, () -> namespace.createOrLookUp(in, name, permissions, atOnce, caller)));
        });
  }

  @Override
  public boolean bypassesCache(long handle) {
    return shared(() -> handles.file(handle).bypassesCache());
  }

  @Override
  public boolean keepsCache(long handle) {
    return handles.file(handle).keepsCache();
  }

  @Override
  public boolean outdatesAttributes(long handle) {
    return handles.file(handle).outdatesAttributes();
  }

  @Override
  public int read(long handle, long offset, ByteBuffer into) {
    return shared(() -> handles.file(handle).read(offset, into));
  }

  @Override
  public int write(long handle, long offset, ByteBuffer from) {
    return shared(() -> handles.file(handle).write(offset, from));
  }

  @Override
  public void flush(long handle, Caller caller) {
    Opened opened = handles.file(handle);
    shared(() -> opened.flush(caller));
  }

  @Override
  public void fsync(long handle, Caller caller) {
    Opened opened = handles.file(handle);
    shared(opened::fsync);
  }

  @Override
  public void release(long handle) {
    remove(handle, Opened::release);
  }

  @Override
  public void takeBack(long handle) {
    remove(handle, Opened::takeBack);
  }

  private void remove(long handle, Consumer<Opened> end) {
    Opened opened = handles.removeFile(handle);
    Lock lock = names.shared();
    lock.lock();
    try {
      end.accept(opened);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Attributes makeSymlink(Bytes target, long parent, Bytes name, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          DirectoryNode in = directory(parent);
          return stat.of(changing(in, name, () -> namespace.makeSymlink(target, in, name, caller)));
        });
  }

  @Override
  public Bytes readLink(long node) {
    return shared(
        () -> {
          if (nodes.get(node) instanceof SymlinkNode link) {
            return link.target();
          }
          throw new FsException(FsError.INVALID, "The node " + node + " is no symbolic link.");
        });
  }

  @Override
  public void unlink(long parent, Bytes name, Caller caller) {
    shared(
        () -> {
          requireWritable();
          DirectoryNode in = directory(parent);
          changing(in, name, () -> again(() -> namespace.removeFile(in, name, caller)));
        });
  }

  @Override
  public Attributes makeDirectory(long parent, Bytes name, int permissions, Caller caller) {
    return shared(
        () -> {
          requireWritable();
          DirectoryNode in = directory(parent);
          return made(
              changing(in, name, () -> namespace.makeDirectory(in, name, permissions, caller)));
        });
  }

  @Override
  public void removeDirectory(long parent, Bytes name, Caller caller) {
    shared(
        () -> {
          requireWritable();
          DirectoryNode in = directory(parent);
          changing(in, name, () -> namespace.removeDirectory(in, name));
        });
  }

  @Override
  public void rename(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    rename(parent, name, newParent, newName, Replacement.ALLOWED, caller);
  }

  @Override
  public void renameToFree(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    rename(parent, name, newParent, newName, Replacement.REFUSED, caller);
  }

  private void rename(
      long parent,
      Bytes name,
      long newParent,
      Bytes newName,
      Replacement replacement,
      Caller caller) {
    requireWritable();
    boolean isDirectory = shared(() -> namespace.require(directory(parent), name)).isDirectory();
    Runnable rename = () -> renamed(parent, name, newParent, newName, replacement, caller);
    if (isDirectory) {
      exclusively(rename);
    } else {
      shared(() -> again(rename));
    }
  }

  @Override
  public void exchange(long parent, Bytes name, long otherParent, Bytes otherName, Caller caller) {
    requireWritable();
    shared(() -> again(() -> exchanged(parent, name, otherParent, otherName, caller)));
  }

  private void exchanged(
      long parent, Bytes name, long otherParent, Bytes otherName, Caller caller) {
    DirectoryNode directory = directory(parent);
    DirectoryNode otherDirectory = directory(otherParent);
    exchanges.exchange(
        namespace.require(directory, name),
        namespace.require(otherDirectory, otherName),
        store.processes().of(caller.thread()));
    cached.outdate(directory, name);
    cached.outdate(otherDirectory, otherName);
    directory.contentChanged(store.now());
    otherDirectory.contentChanged(store.now());
  }

  /** What a name stood for may be settled meanwhile: then it is looked for again. */
  private static void again(Runnable operation) {
    for (int tries = 1; ; tries++) {
      try {
        operation.run();
        return;
      } catch (FsException e) {
        if (e.error() != FsError.STALE || tries == TRIES) {
          throw e;
        }
      }
    }
  }

  private void renamed(
      long parent,
      Bytes name,
      long newParent,
      Bytes newName,
      Replacement replacement,
      Caller caller) {
    DirectoryNode from = directory(parent);
    DirectoryNode to = directory(newParent);
    Found source = namespace.require(from, name);
    Optional<Found> target = namespace.find(to, newName);
    if (target.isPresent() && replacement == Replacement.REFUSED) {
      throw Namespace.taken(newName);
    }
    if (target.isPresent() && target.get().identity().equals(source.identity())) {
      return;
    }
    Renames.Place old = new Renames.Place(from.keyStem(), name);
    Renames.Place place = new Renames.Place(to.keyStem(), newName);
    Optional<ProcessId> process = store.processes().of(caller.thread());
    namespace.retain(from.keyStem());
    Bytes fromStem = source.isDirectory() ? stemOf(source) : Bytes.EMPTY;
    Runnable move = () -> moves.move(source, old, place, target, replacement, process);
    if (source.isDirectory()) {
      move.run();
      movedDirectory(fromStem, from, name, to, newName);
    } else {
      Optional<Node> moved = nodes.find(source.identity());
      changing(from, name, () -> changing(to, newName, move));
      // The kernel takes it for the same file under another name, which it need not be.
      Optional<Node> still =
          moved.filter(nodes::isNamed).filter(node -> !node.identity().equals(source.identity()));
      if (still.isPresent()) {
        cached.moved(to, newName, still.get());
      } else {
        cached.outdate(to, newName);
      }
    }
    from.contentChanged(store.now());
    to.contentChanged(store.now());
    store.saved(
        () ->
            Stream.concat(Stream.of(source), namespace.find(to, newName).stream())
                .map(Found::identity)
                .toList());
  }

  private static Bytes stemOf(Found directory) {
    return ((Identity.OfDirectory) directory.identity()).stem();
  }

  private void movedDirectory(
      Bytes fromStem, DirectoryNode from, Bytes name, DirectoryNode to, Bytes newName) {
    Bytes stem = stemOf(namespace.require(to, newName));
    Optional<Node> moved = nodes.find(new Identity.OfDirectory(stem));
    if (moved.isPresent()) {
      cached.moved((DirectoryNode) moved.get(), fromStem, stem, to, newName);
    } else {
      cached.outdate(from, name);
    }
  }

  @Override
  public long openDirectory(long node, Caller caller) {
    return shared(
        () -> {
          DirectoryNode directory = directory(node);
          boolean isFollowed = store.index().isLive() && store.index().isComplete();
          return handles.add(new OpenDirectory(directory, namespace, listings, cached, isFollowed));
        });
  }

  @Override
  public boolean cachesEntries(long directoryHandle) {
    return handles.directory(directoryHandle).isCached();
  }

  @Override
  public boolean keepsEntries(long directoryHandle) {
    return handles.directory(directoryHandle).isKept();
  }

  @Override
  public EntryList entries(long directoryHandle, ListedFrom from) {
    OpenDirectory opened = handles.directory(directoryHandle);
    return switch (from) {
      case START -> shared(opened::fromStart);
      case WITHIN -> shared(opened::entries);
    };
  }

  @Override
  public void releaseDirectory(long directoryHandle) {
    handles.removeDirectory(directoryHandle).ifPresent(OpenDirectory::close);
  }

  @Override
  public Capacity capacity() {
    return new Capacity(BLOCK_BYTES, BLOCKS, BLOCKS, store.index().size(), Names.MAX_BYTES);
  }

  @Override
  public FileLocks locks() {
    return locks;
  }

  @Override
  public void close() {
    ticks.cancel(true);
    ticker.shutdownNow();
    invalidations.close();
    Lock lock = names.shared();
    lock.lock();
    try {
      handles.files().forEach(Opened::leave);
      settlement.settleBelow(Bytes.EMPTY);
    } catch (BackendException | FsException e) {
      log.warn("A file that was renamed or removed keeps its name: {}", e.getMessage());
    } finally {
      lock.unlock();
    }
    locks.close();
  }

  /** What is done again and again. Never throws, for then it would not be done again. */
  private void tick() {
    Lock lock = names.shared();
    lock.lock();
    try {
      settlement.settleDue();
      recent.sweep();
      store.statuses().sweep();
      tick++;
      if (tick % SWEEP_TICKS == 0) {
        store.readings().sweep();
      }
    } catch (BackendException | FsException e) {
      log.debug("What is to be settled will be tried again: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("Something unexpected kept files from being settled; it is tried again.", e);
    } finally {
      lock.unlock();
    }
  }

  private long opened(long node, OpenMode mode, Caller caller) {
    if (mode.writes() || mode.truncates()) {
      requireWritable();
    }
    Node held = nodes.hold(node);
    try {
      return handles.add(opener.open(held, mode, caller));
    } catch (RuntimeException e) {
      nodes.drop(held);
      throw e;
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

  private <T> T shared(Supplier<T> operation) {
    Lock lock = names.shared();
    lock.lock();
    try {
      return translated(operation);
    } finally {
      lock.unlock();
    }
  }

  private void shared(Runnable operation) {
    shared(
        () -> {
          operation.run();
          return null;
        });
  }

  private void exclusively(Runnable operation) {
    names.lockExclusively();
    try {
      translated(
          () -> {
            operation.run();
            return null;
          });
    } finally {
      names.unlockExclusively();
    }
  }

  /** Every operation passes here: what the backend and the disk throw is translated. */
  private static <T> T translated(Supplier<T> operation) {
    try {
      return operation.get();
    } catch (BackendException e) {
      throw BackendErrors.translate(e);
    } catch (UncheckedIOException e) {
      throw new FsException(
          FsError.IO,
          "The temporary directory could not be used: " + e.getMessage() + "; free some space.",
          e);
    }
  }
}
