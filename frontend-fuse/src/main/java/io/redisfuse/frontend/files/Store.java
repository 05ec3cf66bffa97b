package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Durability;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import io.redisfuse.frontend.files.FileSystemOptions.Syncing;
import io.redisfuse.frontend.files.locks.Fences;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.LiveIndex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The backend as the file rules use it: the only way to commit, which keeps the index in step, and
 * the files that were created but exist on this machine only, until their first save.
 *
 * <p>Safe for threads; holds no lock while it calls the backend.
 */
final class Store {

  /**
   * They tell their users what close(2) or fsync(2) answers, which is better: their words for a
   * write that fails speak of a full disk, or they stop at it in the middle of the text.
   */
  private static final Set<String> LOOK_AT_CLOSE =
      Set.of(
          "vim",
          "vi",
          "vimdiff",
          "view",
          "vim.basic",
          "vim.tiny",
          "vim.nox",
          "nvim",
          "emacs",
          "emacs-nox",
          "emacs-gtk",
          "emacs-lucid");

  private final Backend backend;
  private final LiveIndex index;
  private final Keyspace keyspace;
  private final Durability durability;
  private final Syncing syncing;
  private final InstantSource clock;
  private final RejectedContents rejected;
  private final OnConflict onConflict;
  private final Processes processes;
  private final Readings readings;
  private final Statuses statuses;
  private final RecentContents contents = new RecentContents();
  private volatile KernelCache cache;
  private volatile Fences fences = Fences.NONE;
  private volatile Predicate<Handle> backup = handle -> false;
  private volatile Consumer<Bytes> beginnings = key -> {};
  private volatile Consumer<Bytes> ownChanges = key -> {};
  private volatile Consumer<SaveResult> saves = result -> {};
  private final AtomicLong resets = new AtomicLong();
  private final Set<FileNode> unsaved = ConcurrentHashMap.newKeySet();

  Store(
      Backend backend,
      LiveIndex index,
      Keyspace keyspace,
      Durability durability,
      Syncing syncing,
      InstantSource clock,
      RejectedContents rejected,
      OnConflict onConflict,
      Processes processes) {
    this.backend = backend;
    this.index = index;
    this.keyspace = keyspace;
    this.durability = durability;
    this.syncing = syncing;
    this.clock = clock;
    this.rejected = rejected;
    this.onConflict = onConflict;
    this.processes = processes;
    this.readings = new Readings(processes);
    this.statuses = new Statuses(backend, System::nanoTime);
  }

  Backend backend() {
    return backend;
  }

  LiveIndex index() {
    return index;
  }

  Keyspace keyspace() {
    return keyspace;
  }

  RejectedContents rejected() {
    return rejected;
  }

  Processes processes() {
    return processes;
  }

  /** What each process has seen. */
  Readings readings() {
    return readings;
  }

  /** What the backend said of cells a moment ago. */
  Statuses statuses() {
    return statuses;
  }

  /** What was read a moment ago. */
  RecentContents contents() {
    return contents;
  }

  /** Keeps saves out that count on locks which were lost. */
  Fences fences() {
    return fences;
  }

  /** From now on saves count on these. */
  void fence(Fences by) {
    fences = by;
  }

  /**
   * Waits until this mount, and the kernel for it, knows what others have done before.
   *
   * @return whether it does; not so after {@code bound}
   */
  boolean catchUp(Duration bound) throws InterruptedException {
    return index.catchUp(bound) && (cache == null || cache.catchUp(bound));
  }

  /** From now on the kernel keeps what it was given, until it is told otherwise. */
  void cache(KernelCache kernel) {
    cache = kernel;
  }

  /** Whether the kernel knows of a file what it was told last. */
  boolean isSettled(FileNode node) {
    return cache == null || cache.isSettled(node.id());
  }

  /** Gives the kernel all of the content of a file that is being opened for the first time. */
  boolean fillCache(FileNode node, Bytes content) {
    return cache != null && cache.store(node.id(), content);
  }

  /**
   * Whether who only reads gets what the feed has told of no change since, rather than what the
   * backend is asked for each time: so is it where the kernel does the same.
   */
  boolean reliesOnFeed() {
    return cache != null;
  }

  /** Whether a save expects what its process has seen, rather than to be the last. */
  boolean detectsConflicts() {
    return switch (onConflict) {
      case REJECT -> true;
      case OVERWRITE -> false;
    };
  }

  /** A process in words, such as {@code vim (4711)}. */
  String nameOf(ProcessId process) {
    String program = processes.programOf(process);
    return program.isEmpty() ? "process " + process : program + " (" + process + ")";
  }

  /** From now on somebody says whether what a process begins to read is for a backup only. */
  void tellBackups(Predicate<Handle> who) {
    backup = who;
  }

  /** Whether what a process begins to read again is for a backup only, as far as can be known. */
  boolean isForBackup(Handle handle) {
    return backup.test(handle);
  }

  /** Whether the program is known to tell its user what close(2) or fsync(2) answers. */
  boolean looksAtClose(ProcessId process) {
    return LOOK_AT_CLOSE.contains(processes.programOf(process));
  }

  Instant now() {
    return clock.instant();
  }

  /** Commits, and tells the index what it did. */
  void commit(Transaction transaction) {
    long stamp = index.stamp();
    transaction.changes().forEach(change -> change.keys().forEach(beginnings));
    try {
      backend.commit(transaction);
    } finally {
      // Also where it is not known whether it was applied.
      transaction.changes().forEach(change -> change.keys().forEach(this::tellOfOwnChange));
    }
    for (Change change : transaction.changes()) {
      tellIndex(change, stamp);
    }
  }

  private void tellOfOwnChange(Bytes key) {
    statuses.changed(key);
    ownChanges.accept(key);
  }

  /**
   * From now on tells somebody of the keys that this mount changes.
   *
   * @param before is told when it is about to: the feed may tell of it before the commit returns
   * @param after is told when it has, or may have
   */
  void tellOfOwnChanges(Consumer<Bytes> before, Consumer<Bytes> after) {
    beginnings = before;
    ownChanges = after;
  }

  /** From now on tells somebody how saves end. */
  void tellOfSaves(Consumer<SaveResult> who) {
    saves = who;
  }

  /** Does what saves a text, and tells how that ended. */
  void save(Runnable save) {
    SaveResult result = SaveResult.FAILED;
    try {
      save.run();
      result = SaveResult.SAVED;
    } catch (FsException | BackendException e) {
      result = resultOf(e);
      throw e;
    } finally {
      saves.accept(result);
    }
  }

  private static SaveResult resultOf(RuntimeException failure) {
    if (failure instanceof FsException e && e.error() == FsError.CONFLICT) {
      return SaveResult.CONFLICT;
    }
    boolean isUnknown =
        failure instanceof OutcomeUnknownException
            || failure.getCause() instanceof OutcomeUnknownException;
    return isUnknown ? SaveResult.UNKNOWN : SaveResult.FAILED;
  }

  /**
   * As {@link #commit}, of a transaction that overwrites what was kept for that reason: if nothing
   * was overwritten, the kept text goes.
   */
  void commitKeeping(Transaction transaction, Optional<KeptText> overwritten) {
    try {
      commit(transaction);
    } catch (OutcomeUnknownException e) {
      throw e;
    } catch (BackendException e) {
      overwritten.ifPresent(rejected::drop);
      throw e;
    }
  }

  /** Keeps what a cell holds, if it is that version, since it is going to be overwritten. */
  Optional<KeptText> keepOverwritten(Cell cell, Version version, String process) {
    if (version.isAbsent()) {
      return Optional.empty();
    }
    try (Content content = Content.empty()) {
      Optional<Version> found = Content.load(backend, cell, content);
      return found.filter(version::equals).isPresent()
          ? Optional.of(rejected.keepOverwritten(cell, content, version, process))
          : Optional.empty();
    }
  }

  /** What a program is told of a save that was rejected. */
  static FsException rejection(Rejected why, String kept) {
    return new FsException(
        FsError.CONFLICT,
        why.getMessage()
            + " Nothing was overwritten and "
            + kept
            + "; read the file again, or save once more to overwrite it.",
        why);
  }

  /**
   * The change that lets the cell's key expire when it would have, if ever. One that would have
   * expired by now does not expire any more: the content is newer than that.
   */
  Optional<Change.Expire> expire(Cell cell, Optional<Instant> expiry) {
    return expiry
        .map(at -> Duration.between(now(), at))
        .filter(left -> left.toMillis() > 0)
        .map(left -> new Change.Expire(cell.key(), Optional.of(left)));
  }

  /** Waits until what was committed to these is as durable as the mount was asked to make it. */
  void sync(Collection<Identity> where) {
    if (where.stream().anyMatch(Identity.OfDirectory.class::isInstance)) {
      backend.sync(durability);
      return;
    }
    Set<Bytes> keys = new HashSet<>();
    where.forEach(each -> each.storedKey().ifPresent(keys::add));
    if (!keys.isEmpty()) {
      backend.sync(keys, durability);
    }
  }

  /** These were saved: waits as {@link #sync} does, if the mount was asked to each time. */
  void saved(Supplier<Collection<Identity>> where) {
    switch (syncing) {
      case FSYNC -> {}
      case EACH_SAVE -> sync(where.get());
    }
  }

  /** A collection as text. */
  Content text(CollectionNode collection) {
    try {
      return ElementText.of(backend.elements(collection.key()));
    } catch (WrongTypeException e) {
      // A type of a module, or a key that has just become another type.
      return Content.empty();
    }
  }

  /** How often anything may have changed. */
  long resets() {
    return resets.get();
  }

  /** Anything may have changed. */
  void reset() {
    resets.incrementAndGet();
  }

  /** Files that were created here and were not saved yet. */
  Set<FileNode> unsaved() {
    return unsaved;
  }

  private void tellIndex(Change change, long stamp) {
    if (change instanceof Change.Put put) {
      if (put.cell() instanceof Cell.StringCell string
          && put.content().isEmpty()
          && keyspace.mayBeMarker(string.key())) {
        index.marker(string.key(), stamp);
      } else {
        present(put.cell(), stamp);
      }
    } else if (change instanceof Change.Append append) {
      present(append.cell(), stamp);
    } else if (change instanceof Change.Patch patch) {
      present(patch.cell(), stamp);
    } else if (change instanceof Change.Delete delete) {
      removed(delete.cell(), stamp);
    } else if (change instanceof Change.DeleteKey delete) {
      index.absent(delete.key(), stamp);
    } else if (change instanceof Change.Move move) {
      removed(move.from(), stamp);
      present(move.to(), stamp);
    } else if (change instanceof Change.MoveKey move) {
      index.absent(move.from(), stamp);
      index.doubt(move.to());
    }
  }

  private void present(Cell cell, long stamp) {
    Bytes key = cell.key();
    if (cell instanceof Cell.FieldCell) {
      index.present(key, Type.HASH, stamp);
    } else if (keyspace.mayBeMarker(key)) {
      index.doubt(key);
    } else {
      index.present(key, Type.STRING, stamp);
    }
  }

  private void removed(Cell cell, long stamp) {
    if (cell instanceof Cell.StringCell) {
      index.absent(cell.key(), stamp);
    } else {
      // The hash may have gone with its last field.
      index.doubt(cell.key());
    }
  }
}
