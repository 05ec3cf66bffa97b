package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all handles of one file share.
 *
 * <p>Handles see each other's writes at once, as POSIX says: they share one {@link View}. Only a
 * process that writes while an unrelated one has something unsaved gets a view of its own, if it
 * truncates the file or has read it before: what each of them made from what it had read must not
 * be mixed, and only one of them can win.
 *
 * <p>Every method that is not said to lock is called with the {@link #lock} held. The lock guards
 * everything in here and the state of the handles; it is held during the file's own reads and
 * saves, so that two handles of one file wait for each other but for nobody else.
 */
final class OpenFile {

  private static final Logger log = LoggerFactory.getLogger(OpenFile.class);

  /**
   * Programs write what they have in blocks of a multiple of this, but for the last: to fail with
   * the last gets the whole of a text that is to be kept.
   */
  private static final int BLOCK = 4096;

  private final FileNode node;
  private final Store store;
  private final ReentrantLock lock = new ReentrantLock();
  private final OpenHandles handles;
  private final Refusals refusals;
  private final CachedContent cached;

  private final AtomicLong changes = new AtomicLong();

  /** Whether there are handles; written with the lock held. */
  private volatile boolean isProbablyOpen;

  /** Whether there are handles that read; written with the lock held. */
  private volatile boolean isProbablyRead;

  /** What handles see that have no view of their own. */
  private final View shared;

  /** Created here and not saved yet: the backend does not have the cell. */
  private boolean unsaved;

  /** Whether there was nothing in the backend when it was created here. */
  private boolean createdOverNothing;

  /** When the key is to expire after the first save. */
  private Optional<Instant> expiry = Optional.empty();

  /** The name is gone; what is written now is for those who have it open, and is never saved. */
  private boolean detached;

  OpenFile(FileNode node, Store store) {
    this.node = node;
    this.store = store;
    this.handles = new OpenHandles(node, store);
    this.refusals = new Refusals(node, store);
    this.cached = new CachedContent(node, store);
    this.shared = new View(node, store);
  }

  /** Runs with the lock held. */
  <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Runs with the lock held. */
  void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** Something waits to be saved that all who look at the file see. */
  boolean isDirty() {
    return !shared.isClean();
  }

  boolean isUnsaved() {
    return unsaved;
  }

  /** Created here, not saved yet, and in the place of nothing. */
  boolean existsOnlyHere() {
    return unsaved && shared.edit().bases().stream().allMatch(Version::isAbsent);
  }

  boolean isOpen() {
    return !handles.isEmpty();
  }

  /** Whether somebody has it open, or had a moment ago. May be called without the lock. */
  boolean isProbablyOpen() {
    return isProbablyOpen;
  }

  /** As {@link #isProbablyOpen}, for reading. */
  boolean isProbablyRead() {
    return isProbablyRead;
  }

  /** Whether a process has the file open. */
  boolean isOpenBy(ProcessId process) {
    return handles.areAnyOf(process);
  }

  boolean isDetached() {
    return detached;
  }

  /**
   * The file comes into being through a handle of this mode, which is yet to be opened, and waits
   * for its first save.
   *
   * @param there what the backend has instead, out of sight, or {@link Version#ABSENT}
   * @param keyExpiry when its key is to expire, if ever
   */
  void created(
      OpenMode mode, Optional<ProcessId> process, Version there, Optional<Instant> keyExpiry) {
    unsaved = true;
    createdOverNothing = there.isAbsent();
    expiry = keyExpiry;
    Version base =
        store.detectsConflicts()
            ? store.readings().of(process, node.cell()).map(Seen::version).orElse(there)
            : there;
    shared.absent();
    // Who appends to what does not exist yet is still no rival of others who do.
    boolean appends = mode.appends() && there.isAbsent();
    Edit edit = shared.begin(appends ? Edit.Shape.APPENDED : Edit.Shape.REWRITTEN);
    process.ifPresent(edit.authors()::add);
    if (!appends) {
      edit.bases().add(base);
    }
    store.unsaved().add(node);
  }

  /** Adds a handle: sees what the backend holds now, unless there are changes to be saved. */
  void open(Handle handle) {
    if (detached) {
      throw shared.gone();
    }
    View view = handles.viewOfKin(handle.process(), shared).orElse(shared);
    handle.view(view);
    if (view.isClean()) {
      if (!handle.mode().onlyReads() || !store.reliesOnFeed() || !view.isCurrent()) {
        refresh(view);
      }
      if (handle.mode().onlyReads()) {
        // What is read through it is of this moment, however late that is.
        load(view);
      }
      findBase(handle);
    }
    noteSize(handle);
    if (!handle.mode().writes() || isEmpty(handle)) {
      // What is read later may come from the kernel, which does not say so.
      handles.noteReading(handle);
    }
    if (handle.mode().writes()) {
      noteStale(handle);
      if (handle.mode().truncates()) {
        rewrite(handle, 0);
        wrote(handle);
      }
    }
    if (unsaved && handle.mode().writes() && handles.isKin(handle.process(), view.edit())) {
      // The file comes into being with the first save of who makes it, though nothing is written.
      handle.dirty();
    }
    if (handles.mustBypassCache(handle) || handles.seeOtherThan(handle.view())) {
      handle.bypassCache();
    }
    if (!store.isSettled(node)) {
      // In its cache the kernel reads up to the size that it knows.
      handle.bypassCache();
    }
    cached.opened(handle);
    store.contents().forget(node);
    handles.add(handle);
    isProbablyOpen = true;
    isProbablyRead |= handle.mode().reads();
  }

  /**
   * Has a view show what the backend holds now. Who is reading what it showed before goes on with
   * that, lest he gets a part of each: also if the feed has not told of the change yet.
   */
  private void refresh(View view) {
    refresh(view, handles.of(view).stream().filter(handle -> !handle.mode().writes()).toList());
  }

  /**
   * Has a view show what the backend holds now.
   *
   * @param readers who go on with what it showed before
   */
  private void refresh(View view, List<Handle> readers) {
    if (readers.isEmpty() || !view.isLoaded()) {
      view.refresh();
      return;
    }
    view.grow();
    cached.isMixed();
    View before = new View(node, store);
    before.adopt(view);
    readers.forEach(reader -> reader.view(before));
    view.refresh();
    if (view.isStill(before)) {
      if (!view.isLoaded()) {
        view.adopt(before);
      }
      readers.forEach(reader -> reader.view(view));
      before.close();
    }
  }

  /**
   * Has a handle show what the backend holds now, since its process has got a lock: what it reads
   * from now on counts, and not what it may have read before.
   */
  void renew(Handle handle) {
    View view = handle.view();
    if (!detached && existsOnlyHere() && view == shared && !view.edit().isWritten()) {
      comeIntoBeing();
    }
    if (detached || !view.isClean()) {
      return;
    }
    if (!view.isCurrent()) {
      refresh(
          view,
          handles.of(view).stream()
              .filter(other -> other != handle && !other.mode().writes())
              .toList());
      cached.isMixed();
    }
    if (handle.seen().isPresent() && !handle.seen().equals(view.version())) {
      handle.seen(null);
    }
    handle.base(null);
    findBase(handle);
    noteSize(handle);
  }

  /** What was created here, and is empty still, is there for all, be it made by somebody else. */
  private void comeIntoBeing() {
    Transaction.Builder creation =
        Transaction.builder().expect(node.cell(), Version.ABSENT).put(node.cell(), Bytes.EMPTY);
    store.expire(node.cell(), expiry).ifPresent(creation::change);
    try {
      store.commit(creation.build());
      shared.saved(Version.of(Bytes.EMPTY));
    } catch (ConflictException e) {
      log.debug("The {} was made by somebody else in the meantime.", node.cell(), e);
      discardEdit(shared);
      shared.unload();
    }
    saved(shared);
  }

  /**
   * Programs that were told another size must ask again. Nor may they read through the kernel's
   * cache, where the size that it knows decides what there is: beyond a smaller one they would miss
   * something, and up to a larger one they might get zeros.
   */
  private void noteSize(Handle handle) {
    View view = handle.view();
    if (handle.mode().reads()
        && !handle.mode().truncates()
        && (!view.isClean() || !view.isLoaded() || view.content().size() != node.saidSize())) {
      handle.outdates();
      handle.bypassCache();
    }
  }

  /** Others may have changed the content. Called without the lock. */
  void doubt() {
    changes.incrementAndGet();
  }

  /** How often others may have changed the content. May be called without the lock. */
  long changes() {
    return changes.get() + store.resets();
  }

  /** Of an empty file the kernel reads nothing. */
  private static boolean isEmpty(Handle handle) {
    View view = handle.view();
    return handle.mode().reads()
        && !handle.mode().truncates()
        && view.isClean()
        && view.isLoaded()
        && view.content().size() == 0;
  }

  private Optional<Version> expected(Handle handle) {
    return store.detectsConflicts()
        ? store.readings().of(handle.process(), node.cell()).map(Seen::version)
        : Optional.empty();
  }

  private void noteStale(Handle handle) {
    View view = handle.view();
    boolean stale = false;
    if (view.isClean() && !handle.mode().appends()) {
      stale =
          handle.base().isPresent()
              && view.version().filter(now -> !now.equals(handle.base().get())).isPresent();
    } else if (unsaved && createdOverNothing) {
      // The process has read what is not there any more.
      stale = handles.isKin(handle.process(), view.edit()) && !existsOnlyHere();
    }
    if (stale && !handle.process().map(store::looksAtClose).orElse(false)) {
      handle.stale();
    }
  }

  /**
   * Nobody has got a dirty handle: what its opening has done is not saved, if it is all there is.
   */
  void takeBack(Handle handle) {
    View view = handle.view();
    boolean isAlone =
        handles.of(view).stream().noneMatch(other -> other != handle && other.isDirty());
    if (!view.isClean() && isAlone) {
      discardEdit(view);
      if (!detached) {
        view.unloadContent();
      }
      expiry = Optional.empty();
      exists();
      rejoin(view);
    }
  }

  /** Removes a handle, and what nobody needs any more. */
  void close(Handle handle) {
    handles.remove(handle);
    isProbablyOpen = !handles.isEmpty();
    isProbablyRead = isProbablyRead && handles.areReading();
    View view = handle.view();
    if (view != shared && handles.of(view).isEmpty()) {
      view.close();
    }
    cached.closed(handle);
    if (handles.isEmpty() && shared.isClean()) {
      if (store.reliesOnFeed() && !detached && shared.isCurrent() && shared.version().isPresent()) {
        store.contents().closed(node, shared.content().size());
      } else {
        shared.unload();
      }
    }
  }

  /** The kernel knows the file no more, and so nothing of its content. Locks. */
  void forgotten(NodeTable nodes) {
    locked(
        () -> {
          // Unless it has asked again meanwhile.
          if (handles.isEmpty() && nodes.isForgotten(node)) {
            cached.isForgotten();
          }
        });
  }

  /** Lets go of the content if nobody needs it now. Locks. */
  void unloadIfClosed() {
    locked(
        () -> {
          if (handles.isEmpty() && shared.isClean()) {
            shared.unload();
          }
        });
  }

  int read(Handle handle, long offset, ByteBuffer into) {
    if (offset == 0) {
      beginAnew(handle);
    }
    View view = handle.view();
    if (!view.isLoaded()) {
      load(view);
    } else if (offset + into.remaining() > view.content().size()) {
      grow(view);
    }
    if (!detached) {
      noteBackup(handle);
      handles.noteReading(handle);
    }
    cached.read(handle);
    int count = view.read(offset, into);
    handle.read(offset, offset + count >= view.content().size());
    return count;
  }

  /** What a process begins to read may be for a backup, which it has opened by now. */
  private void noteBackup(Handle handle) {
    if (!handle.hasBegun()
        && handle.mode().onlyReads()
        && !handle.isForBackup()
        && handle.view().visible().filter(handle::hadSeenElse).isPresent()
        && store.isForBackup(handle)) {
      readForBackup(handle);
    }
  }

  /** What is read through a handle is for a backup only. */
  void readForBackup(Handle handle) {
    if (!handle.isForBackup()) {
      handle.forBackup();
      ProcessId process = handle.process().orElseThrow();
      store.readings().takeBack(process, node.cell(), handle.seenBefore());
      handle.seen().ifPresent(seen -> store.readings().copied(process, node.cell(), seen));
    }
  }

  int write(Handle handle, long offset, ByteBuffer from) {
    int length = from.remaining();
    separate(handle);
    View view = handle.view();
    if (handle.mode().appends() && (view.isClean() || view.isAppended())) {
      if (view.isClean()) {
        view.begin(Edit.Shape.APPENDED);
      }
      Content appended = view.edit().appended();
      appended.write(appended.size(), from);
    } else {
      patch(handle);
      long oldSize = view.content().size();
      long at = handle.mode().appends() ? oldSize : offset;
      view.content().write(at, from);
      view.edit().ranges().add(Math.min(at, oldSize), at + length);
    }
    view.edit().written();
    wrote(handle);
    if (handle.isStale() && length % BLOCK != 0) {
      throw refusals.knownStale();
    }
    return length;
  }

  void truncate(Handle handle, long size) {
    separate(handle);
    if (size == 0) {
      rewrite(handle, 0);
    } else {
      patch(handle);
      handle.view().rewrite(size);
    }
    handle.view().edit().written();
    wrote(handle);
  }

  private void wrote(Handle handle) {
    cached.isMixed();
    handles.doubtReadersBut(handle.process());
    handle.dirty();
    handle.process().ifPresent(handle.view().edit().authors()::add);
    node.contentChanged(store.now());
  }

  /**
   * Who has read all of the content, and begins again, gets what is there now, if that is as long:
   * of another one the kernel would give him a part, since it knows but one size of a file.
   */
  private void beginAnew(Handle handle) {
    View view = handle.view();
    if (detached || !handle.hasReachedEnd() || !isReader(handle) || !view.mayBeOutdated()) {
      return;
    }
    View now = new View(node, store);
    try {
      now.refresh();
      now.load();
    } catch (BackendException | FsException e) {
      // It is gone, or the backend is away: he goes on with what he has.
      log.debug("What the {} holds now cannot be told to who reads it.", node.cell(), e);
      now.close();
      return;
    }
    if (now.content().size() != view.content().size()
        || (now.version().isPresent() && now.version().equals(view.version()))) {
      now.close();
      return;
    }
    cached.isMixed();
    handle.beginAnew();
    if (now.content().size() <= BLOCK) {
      // It is read at once, so nothing of what was before is left.
      handle.seen(null);
    }
    if (handles.of(view).stream().allMatch(other -> other == handle || other.hasReachedEnd())) {
      view.adopt(now);
    } else {
      handle.view(now);
    }
  }

  private void grow(View view) {
    if (!detached) {
      Optional<Version> before = view.version();
      view.grow();
      if (!view.version().equals(before)) {
        cached.isMixed();
      }
    }
  }

  /** The size that a handle sees; asks the backend if nothing of the content is here. */
  long sizeNow(Handle handle) {
    View view = handle.view();
    if (isReader(handle)) {
      // What it is told now is what it will read.
      load(view);
      grow(view);
    }
    return view.sizeNow();
  }

  private static boolean isReader(Handle handle) {
    return handle.mode().reads() && !handle.mode().writes() && handle.view().isClean();
  }

  /**
   * The size of what a process sees that has the file open for reading, if it has: by the handle
   * that it opened last, since the kernel says later that another was closed.
   */
  OptionalLong sizeReadBy(ProcessId process) {
    Optional<Handle> last = Optional.empty();
    for (Handle handle : handles) {
      if (isReader(handle) && handle.process().filter(process::equals).isPresent()) {
        last = Optional.of(handle);
      }
    }
    return last.map(handle -> OptionalLong.of(sizeNow(handle))).orElse(OptionalLong.empty());
  }

  /**
   * Whether all see the same, and it is what the backend holds as far as the feed has told: then
   * who asks need not ask again until it tells otherwise.
   */
  boolean isOfOneContent() {
    return !detached
        && !unsaved
        && (handles.isEmpty() || (shared.isCurrent() && !handles.seeOtherThan(shared)));
  }

  /** The size that who has no handle sees. */
  long sizeNow() {
    return shared.sizeNow();
  }

  /**
   * Commits what is dirty in a view, as one transaction. On a conflict nothing is overwritten, the
   * dirty content is kept aside, the file shows what won, and all handles that wrote have failed.
   */
  void save(View view) {
    if (!view.isClean() && (!detached || handles.isLost(view))) {
      store.save(() -> saveDirty(view));
    }
  }

  private void saveDirty(View view) {
    if (detached) {
      throw giveUp(view, refusals.reject(view, refusals.takenAway()));
    }
    if (handles.isStale(view)) {
      throw giveUp(view, refusals.reject(view, refusals.changedBefore(view.edit())));
    }
    if (view.isAppended() && isLarge(view) && handles.onlyAppend(view)) {
      // Nobody needs to know the new version, and the digest of much text is not free. Who does
      // later, because he truncates instead, learns it then, as after the open of a large file.
      handles.forgetBases(view);
      view.unloadContent();
    }
    Optional<Version> before = view.version();
    Set<Version> bases = new LinkedHashSet<>(view.edit().bases());
    before.ifPresent(bases::add);
    Set<ProcessId> authors = Set.copyOf(view.edit().authors());
    Save save = new Save(node.cell(), store, view, expiry, handles.writersOf(view));
    try {
      save.commit();
    } catch (Rejected e) {
      throw giveUp(view, refusals.reject(view, e));
    } catch (OutcomeUnknownException e) {
      if (view.isAppended()) {
        throw giveUp(view, refusals.lostAppend(view, e));
      }
      throw e;
    }
    view.version().ifPresent(now -> handles.advance(view, authors, bases, now));
    if (save.isBlind()) {
      handles.forgetSeen(view, authors);
    }
    saved(view);
  }

  /** Whether a process has changed what a handle sees, so that it may save it. */
  boolean isSavedBy(Handle handle) {
    View view = handle.view();
    return !view.isClean() && (handle.isDirty() || handles.isKin(handle.process(), view.edit()));
  }

  /** Whether nothing is unsaved but what the process, or its kin, has written. */
  boolean isNobodyElsesWork(ProcessId process) {
    return shared.isClean() || handles.isKin(Optional.of(process), shared.edit());
  }

  /** Commits what is dirty and all see. */
  void saveShared() {
    save(shared);
  }

  /**
   * The changes and expectations that make {@code target} hold what this file holds, for a rename
   * that is a save; only of a dirty file.
   */
  Transaction.Builder contentFor(Cell target) {
    Content content = dirtyContent();
    Transaction.Builder transaction = Transaction.builder();
    if (existsOnlyHere()) {
      return transaction.put(target, content.bytes());
    }
    if (store.detectsConflicts()) {
      shared.edit().bases().forEach(base -> transaction.expect(node.cell(), base));
    }
    return transaction
        .put(node.cell(), content.bytes())
        .change(new Change.Move(node.cell(), target));
  }

  /** Whether what is dirty is the caller's own, or nobody else has it: then a rename saves it. */
  boolean isSavedByRename(Optional<ProcessId> process) {
    return !shared.isClean() && (unsaved || handles.isKin(process, shared.edit()));
  }

  /** All of what is dirty, which is to be saved by a rename. */
  Content dirtyContent() {
    flattenAppended(shared);
    return shared.content();
  }

  /** A rename has saved what was dirty. */
  void savedByRename() {
    Version now = shared.content().version();
    Set<Version> bases = Set.copyOf(shared.edit().bases());
    handles.advance(shared, Set.copyOf(shared.edit().authors()), bases, now);
    shared.saved(now);
    saved(shared);
  }

  /**
   * Nobody has the file open any more and what is dirty could not be saved: keeps it aside.
   *
   * @param why what who still writes is told
   */
  void abandon(View view, FsException why) {
    if (view.isClean()) {
      return;
    }
    if (!detached || handles.isLost(view)) {
      refusals.abandon(view, why.getMessage());
    }
    giveUp(view, why);
  }

  /**
   * The name is going: whoever has the file open goes on with what it holds now.
   *
   * <p>Called before the name is removed, since afterwards the content cannot be had.
   */
  void prepareToDetach() {
    if (!isOpen()) {
      return;
    }
    Set<View> views = new LinkedHashSet<>(List.of(shared));
    handles.forEach(handle -> views.add(handle.view()));
    for (View view : views) {
      if (!unsaved) {
        flattenAppended(view);
      }
      load(view);
    }
  }

  /**
   * The name is gone.
   *
   * @param by who took it; what anybody else is still writing is then lost to him, and he is told
   */
  void detach(Optional<ProcessId> by) {
    detached = true;
    store.unsaved().remove(node);
    by.ifPresent(handles::lose);
    if (!isOpen()) {
      discardEdit(shared);
      shared.unload();
      store.contents().forget(node);
    }
  }

  // ---- views

  /** Gives a handle that is about to write a view of its own, if it must not share one. */
  private void separate(Handle handle) {
    View view = handle.view();
    if (view.isClean() || handle.isDirty() || handles.isKin(handle.process(), view.edit())) {
      return;
    }
    if (handle.mode().appends()) {
      if (!view.isAppended()) {
        handle.view(
            handles.viewOfKin(handle.process(), shared).orElseGet(() -> new View(node, store)));
      }
      return;
    }
    boolean apart =
        handle.mode().truncates() || store.readings().of(handle.process(), node.cell()).isPresent();
    if (!apart) {
      return;
    }
    Optional<View> kins = handles.viewOfKin(handle.process(), shared);
    if (kins.isPresent()) {
      handle.view(kins.get());
      return;
    }
    View own = new View(node, store);
    if (unsaved) {
      own.absent();
    } else {
      own.refresh();
    }
    handle.view(own);
    findBase(handle);
  }

  /**
   * What a handle of a clean view expects, unless it is known: what its process has seen, or what
   * is there now, if that is known.
   */
  private void findBase(Handle handle) {
    if (handle.base().isEmpty()) {
      handle.base(expected(handle).or(handle.view()::version).orElse(null));
    }
  }

  private void load(View view) {
    if (view.load()) {
      handles.of(view).forEach(this::findBase);
    }
  }

  /** The edit becomes one of the whole content, of the given size. */
  private void rewrite(Handle handle, long size) {
    separate(handle);
    View view = handle.view();
    if (view.isClean() || view.isAppended()) {
      findBase(handle);
      Version base = handle.base().orElse(null);
      if (base == null) {
        base = store.backend().version(node.cell());
        if (base.isAbsent()) {
          throw view.gone();
        }
        handle.base(base);
      }
      if (view.isClean()) {
        view.begin(Edit.Shape.REWRITTEN);
      }
      view.edit().bases().add(base);
    } else {
      handle.base().ifPresent(view.edit().bases()::add);
    }
    view.rewrite(size);
  }

  /** Makes the edit one of the content, so that a handle can write anywhere in it. */
  private void patch(Handle handle) {
    View view = handle.view();
    flattenAppended(view);
    if (view.isClean()) {
      load(view);
      findBase(handle);
      view.begin(Edit.Shape.PATCHED);
      handle.base().ifPresent(view.edit().bases()::add);
      // What is between the patches is saved with them.
      view.version().ifPresent(view.edit().bases()::add);
    }
    handle.base().ifPresent(view.edit().bases()::add);
  }

  private void flattenAppended(View view) {
    if (view.isAppended()) {
      load(view);
      view.flattenAppended();
    }
  }

  // ---- after a save

  private boolean isLarge(View view) {
    return view.version().isPresent() && view.content().size() > Save.PATCH_FROM;
  }

  /** A view has been saved: its handles are clean, and see again what all see. */
  private void saved(View view) {
    expiry = Optional.empty();
    exists();
    handles.of(view).forEach(Handle::clean);
    rejoin(view);
  }

  private void rejoin(View view) {
    if (view == shared || detached) {
      return;
    }
    if (shared.isClean() && view.isLoaded()) {
      shared.adopt(view);
    }
    handles.of(view).forEach(h -> h.view(shared));
    view.close();
  }

  private void exists() {
    if (unsaved) {
      unsaved = false;
      store.unsaved().remove(node);
    }
  }

  // ---- after a rejection

  private FsException giveUp(View view, FsException failure) {
    handles.fail(view, failure);
    discardEdit(view);
    if (!detached) {
      handles.doubtReadersBut(Optional.empty());
      view.unloadContent();
    }
    expiry = Optional.empty();
    exists();
    rejoin(view);
    return failure;
  }

  private void discardEdit(View view) {
    view.discardEdit();
    handles.of(view).forEach(Handle::clean);
  }
}
