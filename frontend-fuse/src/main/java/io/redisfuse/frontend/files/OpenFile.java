package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.Reason;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

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

  /**
   * Programs write what they have in blocks of a multiple of this, but for the last: to fail with
   * the last gets the whole of a text that is to be kept.
   */
  private static final int BLOCK = 4096;

  private final FileNode node;
  private final Store store;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Handle> handles = new ArrayList<>();

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

  /** Whether a process has the file open. */
  boolean isOpenBy(ProcessId process) {
    return handles.stream().anyMatch(h -> h.process().filter(process::equals).isPresent());
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
    View view = viewOfKin(handle.process()).orElse(shared);
    handle.view(view);
    if (view.isClean()) {
      view.refresh();
      findBase(handle);
    }
    if (!handle.mode().writes() || isEmpty(handle)) {
      // What is read later may come from the kernel, which does not say so.
      noteReading(handle);
    }
    if (handle.mode().writes()) {
      noteStale(handle);
      if (handle.mode().truncates()) {
        rewrite(handle, 0);
        wrote(handle);
      }
    }
    if (unsaved && handle.mode().writes() && isKin(handle.process(), view.edit())) {
      // The file comes into being with the first save of who makes it, though nothing is written.
      handle.dirty();
    }
    if (mustBypassCache(handle)) {
      handle.bypassCache();
    }
    handles.add(handle);
  }

  /**
   * Unrelated processes must not find in a cache what others of them write, which is not saved, or
   * what others have asked for before: nobody would know what they have seen. A process that can
   * only write needs no cache.
   */
  private boolean mustBypassCache(Handle handle) {
    if (!handle.mode().reads()) {
      return true;
    }
    return handle.process().isPresent()
        && handles.stream()
            .flatMap(other -> other.process().stream())
            .distinct()
            .anyMatch(other -> !store.processes().areKin(other, handle.process().get()));
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
      stale = isKin(handle.process(), view.edit()) && !existsOnlyHere();
    }
    if (stale && !handle.process().map(store::looksAtClose).orElse(false)) {
      handle.stale();
    }
  }

  /** Removes a handle, and what nobody needs any more. */
  void close(Handle handle) {
    handles.remove(handle);
    View view = handle.view();
    if (view != shared) {
      if (handles.stream().noneMatch(h -> h.view() == view)) {
        view.close();
      }
    }
    if (handles.isEmpty() && shared.isClean()) {
      shared.unload();
    }
  }

  int read(Handle handle, long offset, ByteBuffer into) {
    load(handle.view());
    noteReading(handle);
    return handle.view().read(offset, into);
  }

  /**
   * The process of the handle reads what the view shows. A reading of parts of different versions
   * is none of either, and nobody knows where one begins: the kernel asks for whole pages, again if
   * it has dropped them, and not for what it has.
   */
  private void noteReading(Handle handle) {
    View view = handle.view();
    if (detached || handle.process().isEmpty()) {
      return;
    }
    if (!view.isClean() && (handle.isDirty() || isKin(handle.process(), view.edit()))) {
      return;
    }
    Optional<Version> visible = view.visible();
    if (visible.isEmpty() || visible.equals(handle.seen())) {
      return;
    }
    Version seen = handle.seen().isEmpty() ? visible.get() : Readings.TORN;
    handle.seen(seen);
    if (!handle.isForBackup()) {
      store.readings().saw(handle.process(), node.cell(), seen);
    }
    if (!handle.isDirty()) {
      handle.base(seen);
    }
  }

  /**
   * What is read through a handle is for a backup only.
   *
   * @return whether it was not known yet
   */
  boolean readForBackup(Handle handle) {
    if (handle.isForBackup()) {
      return false;
    }
    handle.forBackup();
    store.readings().takeBack(handle.process().orElseThrow(), node.cell(), handle.seenBefore());
    return true;
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
      throw knownStale();
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
    doubtReadersBut(handle.process());
    handle.dirty();
    handle.process().ifPresent(handle.view().edit().authors()::add);
    node.contentChanged(store.now());
  }

  /**
   * What handles see changes otherwise than by a save: who is reading may get what it was, or what
   * it is, from the kernel, without that anybody tells us.
   */
  private void doubtReadersBut(Optional<ProcessId> process) {
    for (Handle handle : handles) {
      if (handle.seen().isPresent() && !handle.process().equals(process)) {
        store.readings().doubt(handle.process(), node.cell());
      }
    }
  }

  /** Programs that do not look at what close(2) answers are told with a write. */
  private FsException knownStale() {
    return new FsException(
        FsError.CONFLICT,
        "The "
            + node.cell()
            + " was changed by somebody else since the program read it, so nothing is written;"
            + " read the file again, or save once more to overwrite it.");
  }

  /** The size that a handle sees; asks the backend if nothing of the content is here. */
  long sizeNow(Handle handle) {
    return handle.view().sizeNow();
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
    if (view.isClean()) {
      return;
    }
    if (detached) {
      if (isLost(view)) {
        throw reject(view, takenAway());
      }
      return;
    }
    if (isStale(view)) {
      throw reject(view, changedBefore(view));
    }
    if (view.isAppended() && isLarge(view) && onlyAppenders(view)) {
      // Nobody needs to know the new version, and the digest of much text is not free. Who does
      // later, because he truncates instead, learns it then, as after the open of a large file.
      forgetBases(view);
      view.unloadContent();
    }
    Optional<Version> before = view.version();
    Set<Version> bases = new LinkedHashSet<>(view.edit().bases());
    before.ifPresent(bases::add);
    Set<ProcessId> authors = Set.copyOf(view.edit().authors());
    Save save = new Save(node.cell(), store, view, expiry);
    try {
      save.commit();
    } catch (Rejected e) {
      throw reject(view, e);
    } catch (OutcomeUnknownException e) {
      if (view.isAppended()) {
        throw lostAppend(view, e);
      }
      throw e;
    }
    view.version().ifPresent(now -> advance(view, authors, bases, now));
    if (save.isBlind()) {
      forgetSeen(view, authors);
    }
    saved(view);
  }

  /** Whether a process has changed what a handle sees, so that it may save it. */
  boolean isSavedBy(Handle handle) {
    View view = handle.view();
    return !view.isClean() && (handle.isDirty() || isKin(handle.process(), view.edit()));
  }

  /** Whether nothing is unsaved but what the process, or its kin, has written. */
  boolean isNobodyElsesWork(ProcessId process) {
    return shared.isClean() || isKin(Optional.of(process), shared.edit());
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
    return !shared.isClean() && (unsaved || isKin(process, shared.edit()));
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
    advance(shared, Set.copyOf(shared.edit().authors()), bases, now);
    shared.saved(now);
    saved(shared);
  }

  /**
   * Nobody has the file open any more and what is dirty could not be saved: keeps it aside.
   *
   * @param why a sentence
   */
  void abandon(View view, String why) {
    if (view.isClean()) {
      return;
    }
    if (!detached || isLost(view)) {
      keep(view, Reason.UNSAVED, view.edit().bases().stream().findFirst(), Optional.empty(), why);
    }
    giveUp(view, new FsException(FsError.IO, why));
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
    for (Handle handle : handles) {
      if (handle.mode().writes()
          && handle.process().isPresent()
          && by.isPresent()
          && !store.processes().areKin(handle.process().get(), by.get())) {
        handle.lost();
      }
    }
    if (!isOpen()) {
      discardEdit(shared);
      shared.unload();
    }
  }

  // ---- views

  private Optional<View> viewOfKin(Optional<ProcessId> process) {
    for (Handle handle : handles) {
      View view = handle.view();
      if (view != shared && !view.isClean() && isKin(process, view.edit())) {
        return Optional.of(view);
      }
    }
    return Optional.empty();
  }

  private boolean isKin(Optional<ProcessId> process, Edit edit) {
    return process.isEmpty()
        || edit.authors().isEmpty()
        || edit.authors().contains(process.get())
        || edit.authors().stream().anyMatch(a -> store.processes().areKin(process.get(), a));
  }

  /** Gives a handle that is about to write a view of its own, if it must not share one. */
  private void separate(Handle handle) {
    View view = handle.view();
    if (view.isClean() || handle.isDirty() || isKin(handle.process(), view.edit())) {
      return;
    }
    if (handle.mode().appends()) {
      if (!view.isAppended()) {
        handle.view(viewOfKin(handle.process()).orElseGet(() -> new View(node, store)));
      }
      return;
    }
    boolean apart =
        handle.mode().truncates() || store.readings().of(handle.process(), node.cell()).isPresent();
    if (!apart) {
      return;
    }
    Optional<View> kins = viewOfKin(handle.process());
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
      for (Handle handle : handles) {
        if (handle.view() == view) {
          findBase(handle);
        }
      }
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

  private boolean onlyAppenders(View view) {
    return handles.stream()
        .filter(h -> h.view() == view)
        .allMatch(h -> h.mode().appends() || !h.mode().writes());
  }

  private void forgetBases(View view) {
    for (Handle handle : handles) {
      if (handle.view() == view && handle.base().equals(view.version())) {
        handle.base(null);
      }
    }
  }

  /**
   * Handles that stood on what was there before the save now stand on what was saved: those of the
   * writers and of who started them, and of those who have not read what was there.
   */
  private void advance(View view, Set<ProcessId> authors, Set<Version> bases, Version now) {
    for (Handle handle : handles) {
      if (handle.view() == view
          && (handle.base().isEmpty() || bases.contains(handle.base().get()))
          && goesAlong(handle, authors)) {
        handle.base(now);
        if (handle.seen().filter(bases::contains).isPresent()) {
          handle.seen(now);
        }
      }
      if (handle.seen().isPresent() && handle.process().filter(authors::contains).isPresent()) {
        // Whatever it read before, it has seen what it saved.
        handle.seen(now);
      }
    }
  }

  /** What was appended to is not known, so what handles have read before says nothing. */
  private void forgetSeen(View view, Set<ProcessId> authors) {
    for (Handle handle : handles) {
      if (handle.view() == view && goesAlong(handle, authors)) {
        handle.seen(null);
        handle.base(null);
      }
    }
  }

  private boolean goesAlong(Handle handle, Set<ProcessId> authors) {
    Optional<ProcessId> process = handle.process();
    return process.isEmpty()
        || authors.isEmpty()
        || authors.contains(process.get())
        || store.readings().of(process, node.cell()).isEmpty()
        || authors.stream().anyMatch(a -> store.processes().descends(a, process.get()));
  }

  /** A view has been saved: its handles are clean, and see again what all see. */
  private void saved(View view) {
    expiry = Optional.empty();
    exists();
    handles.stream().filter(h -> h.view() == view).forEach(Handle::clean);
    rejoin(view);
  }

  private void rejoin(View view) {
    if (view == shared || detached) {
      return;
    }
    if (shared.isClean() && view.isLoaded()) {
      shared.adopt(view);
    }
    handles.stream().filter(h -> h.view() == view).forEach(h -> h.view(shared));
    view.close();
  }

  private void exists() {
    if (unsaved) {
      unsaved = false;
      store.unsaved().remove(node);
    }
  }

  // ---- after a rejection

  private boolean isLost(View view) {
    return handles.stream().anyMatch(h -> h.view() == view && h.isDirty() && h.isLost());
  }

  private boolean isStale(View view) {
    return handles.stream().anyMatch(h -> h.view() == view && h.isDirty() && h.isStale());
  }

  private Rejected takenAway() {
    String words =
        "The " + node.cell() + " was removed or replaced by somebody else while it was written.";
    try {
      Version found = store.backend().version(node.cell());
      return new Rejected(Optional.empty(), Optional.of(found), words, /* cause= */ null);
    } catch (WrongTypeException e) {
      return new Rejected(Optional.empty(), Optional.empty(), words, e);
    }
  }

  private Rejected changedBefore(View view) {
    Cell cell = node.cell();
    Optional<Version> expected = view.edit().bases().stream().findFirst();
    try {
      Version found = store.backend().version(cell);
      String words =
          ConflictWords.of(cell, expected, found, Save.author(store, view.edit()))
              + " It was told so when it wrote, and may have stopped there.";
      return new Rejected(expected, Optional.of(found), words, /* cause= */ null);
    } catch (WrongTypeException e) {
      return new Rejected(expected, Optional.empty(), ConflictWords.of(cell, e), e);
    }
  }

  private FsException reject(View view, Rejected why) {
    Edit edit = view.edit();
    boolean restored =
        !edit.isAppended()
            && edit.authors().stream()
                .map(a -> store.readings().of(Optional.of(a), node.cell()))
                .flatMap(Optional::stream)
                .flatMap(seen -> seen.rejection().stream())
                .anyMatch(r -> r.isRestoredBy(view.content().version(), store.now()));
    if (restored) {
      // The text is what was there before somebody else changed it.
      return giveUp(view, new FsException(FsError.CONFLICT, why.getMessage(), why));
    }
    String kept = keep(view, Reason.REJECTED, why.expected(), why.found(), why.getMessage());
    why.found()
        .ifPresent(
            found -> {
              Rejection rejection = new Rejection(Rejection.Way.WRITE, why.expected(), store.now());
              edit.authors().forEach(a -> store.readings().told(a, node.cell(), found, rejection));
            });
    return giveUp(view, Store.rejection(why, kept));
  }

  private String keep(
      View view, Reason reason, Optional<Version> expected, Optional<Version> found, String why) {
    Content text = view.isAppended() ? view.edit().appended() : view.content();
    return store
        .rejected()
        .keep(node.cell(), text, reason, expected, found, Save.author(store, view.edit()), why);
  }

  /** An append that may have happened must not be tried again. */
  private FsException lostAppend(View view, OutcomeUnknownException failure) {
    String kept =
        keep(view, Reason.UNCERTAIN, Optional.empty(), Optional.empty(), failure.getMessage());
    return giveUp(
        view,
        new FsException(
            FsError.IO,
            "It is not known whether the text was appended ("
                + kept
                + "): "
                + failure.getMessage()
                + " Look at the end of the file before you append it again.",
            failure));
  }

  private FsException giveUp(View view, FsException failure) {
    for (Handle handle : handles) {
      if (handle.view() == view && handle.isDirty()) {
        handle.fail(failure);
      }
      if (handle.process().filter(view.edit().authors()::contains).isPresent()) {
        // It has been told, and begins again.
        handle.seen(null);
      }
    }
    discardEdit(view);
    if (!detached) {
      doubtReadersBut(Optional.empty());
      view.unloadContent();
    }
    expiry = Optional.empty();
    exists();
    rejoin(view);
    return failure;
  }

  private void discardEdit(View view) {
    view.discardEdit();
    handles.stream().filter(h -> h.view() == view).forEach(Handle::clean);
  }
}
