package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Range;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What all handles of one file share: the content as they see it, the version it had in the
 * backend, and what was done to it since.
 *
 * <p>Every method that is not said to lock is called with the {@link #lock} held. The lock guards
 * everything in here and the state of the handles; it is held during the file's own reads and
 * saves, so that two handles of one file wait for each other but for nobody else.
 */
final class OpenFile {

  /** What is read in one go at open; a larger value is loaded when it is first needed. */
  private static final int SMALL = 64 << 10;

  /** Above this size a change of less than half of a string is sent as patches. */
  private static final long PATCH_FROM = 256 << 10;

  private final FileNode node;
  private final Store store;
  private final ReentrantLock lock = new ReentrantLock();

  private final List<Handle> handles = new ArrayList<>();

  /** What handles see, but for bytes that wait to be appended; null until it is needed. */
  private Content content;

  /** What the backend held when {@link #content} was loaded; null with it. */
  private Version version;

  /** The size of content that is not loaded, as of the last open. */
  private long unloadedSize;

  /** What was done since the last save; null if nothing. */
  private Edit edit;

  /** Created here and not saved yet: the backend does not have the cell. */
  private boolean unsaved;

  /** When the key is to expire after the first save. */
  private Optional<Instant> expiry = Optional.empty();

  /** The name is gone; what is written now is for those who have it open, and is never saved. */
  private boolean detached;

  OpenFile(FileNode node, Store store) {
    this.node = node;
    this.store = store;
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

  boolean isDirty() {
    return edit != null;
  }

  boolean isUnsaved() {
    return unsaved;
  }

  boolean isOpen() {
    return !handles.isEmpty();
  }

  boolean isDetached() {
    return detached;
  }

  /** Something was written, rather than only truncated or created by an open. */
  boolean isWritten() {
    return edit != null && edit.isWritten();
  }

  /**
   * The file comes into being through a handle of this mode, which is yet to be opened, and waits
   * for its first save.
   *
   * @param keyExpiry when its key is to expire, if ever
   */
  void created(OpenMode mode, Optional<Instant> keyExpiry) {
    unsaved = true;
    expiry = keyExpiry;
    content = Content.empty();
    version = Version.ABSENT;
    // Who appends to what does not exist yet is still no rival of others who do.
    edit = new Edit(mode.appends() ? Edit.Shape.APPENDED : Edit.Shape.REWRITTEN);
    if (!mode.appends()) {
      edit.bases().add(Version.ABSENT);
    }
    store.unsaved().add(node);
  }

  /** Adds a handle: sees what the backend holds now, unless there are changes to be saved. */
  void open(Handle handle) {
    if (detached) {
      throw gone();
    }
    if (edit == null) {
      refresh();
    }
    handle.base(version);
    if (handle.mode().truncates() && handle.mode().writes()) {
      rewrite(handle, 0);
      handle.dirty();
      node.contentChanged(store.now());
    }
    handles.add(handle);
  }

  /** Removes a handle, and what nobody needs any more. */
  void close(Handle handle) {
    handles.remove(handle);
    if (handles.isEmpty() && edit == null) {
      unload();
    }
  }

  int read(long offset, ByteBuffer into) {
    load();
    int n = content.read(offset, into);
    if (edit != null && edit.shape() == Edit.Shape.APPENDED) {
      long beyond = Math.max(0, offset - content.size());
      if (offset + n >= content.size()) {
        n += edit.appended().read(beyond, into);
      }
    }
    return n;
  }

  int write(Handle handle, long offset, ByteBuffer from) {
    int length = from.remaining();
    if (handle.mode().appends() && (edit == null || edit.shape() == Edit.Shape.APPENDED)) {
      if (edit == null) {
        edit = new Edit(Edit.Shape.APPENDED);
      }
      edit.appended().write(edit.appended().size(), from);
    } else {
      patch(handle);
      long oldSize = content.size();
      long at = handle.mode().appends() ? oldSize : offset;
      content.write(at, from);
      edit.ranges().add(Math.min(at, oldSize), at + length);
    }
    edit.written();
    handle.dirty();
    node.contentChanged(store.now());
    return length;
  }

  void truncate(Handle handle, long size) {
    if (size == 0) {
      rewrite(handle, 0);
    } else {
      patch(handle);
      rewrite(handle, size);
    }
    edit.written();
    handle.dirty();
    node.contentChanged(store.now());
  }

  /** The size that handles see; asks the backend if nothing of the content is here. */
  long sizeNow() {
    if (content == null && edit == null) {
      refresh();
    }
    return size();
  }

  private long size() {
    long size = content != null ? content.size() : unloadedSize;
    return edit != null && edit.shape() == Edit.Shape.APPENDED
        ? size + edit.appended().size()
        : size;
  }

  /**
   * Commits what is dirty, as one transaction. On a conflict nothing is overwritten, the dirty
   * content is kept aside, the file shows what won, and all handles that wrote have failed.
   */
  void save() {
    if (edit == null) {
      return;
    }
    if (detached) {
      return;
    }
    if (edit.shape() == Edit.Shape.APPENDED) {
      saveAppended();
    } else {
      saveContent();
    }
    saved();
  }

  /**
   * The changes and expectations that make {@code target} hold what this file holds, for a rename
   * that is a save; only of a dirty file.
   */
  Transaction.Builder contentFor(Cell target) {
    flattenAppended();
    Transaction.Builder transaction = Transaction.builder();
    if (unsaved) {
      return transaction.put(target, content.bytes());
    }
    edit.bases().forEach(base -> transaction.expect(node.cell(), base));
    if (target.key().equals(node.cell().key()) && target instanceof Cell.StringCell) {
      // The string comes in the place of the hash, which has to go first.
      return transaction.change(new Change.Delete(node.cell())).put(target, content.bytes());
    }
    return transaction
        .put(node.cell(), content.bytes())
        .change(new Change.Move(node.cell(), target));
  }

  /** A rename that was to save what is dirty was refused: keeps it aside. */
  FsException reject(BackendException why) {
    return reject(content, why.getMessage());
  }

  /** A rename has saved what was dirty. */
  void savedByRename() {
    advance(content.version());
    saved();
  }

  /**
   * Nobody has the file open any more and what is dirty could not be saved: keeps it aside.
   *
   * @param why a sentence
   */
  void abandon(String why) {
    if (edit != null) {
      if (!detached) {
        Content text = edit.shape() == Edit.Shape.APPENDED ? edit.appended() : content;
        store.rejected().keep(node.cell(), text, why);
      }
      giveUp(new FsException(FsError.IO, why));
    }
  }

  /**
   * The name is going: whoever has the file open goes on with what it holds now.
   *
   * <p>Called before the name is removed, since afterwards the content cannot be had.
   */
  void prepareToDetach() {
    if (isOpen() && !unsaved) {
      flattenAppended();
    }
    if (isOpen()) {
      load();
    }
  }

  /** The name is gone. */
  void detach() {
    detached = true;
    store.unsaved().remove(node);
    if (!isOpen()) {
      discardEdit();
      unload();
    }
  }

  private void saveContent() {
    Version saved = content.version();
    Transaction.Builder transaction = Transaction.builder();
    edit.bases().forEach(base -> transaction.expect(node.cell(), base));
    if (sendsPatches()) {
      for (DirtyRanges.Span span : edit.ranges().spans()) {
        Bytes bytes = content.bytes(span.start(), span.length());
        transaction.change(new Change.Patch(node.cell(), span.start(), bytes));
      }
    } else {
      transaction.put(node.cell(), content.bytes());
    }
    store.expire(node.cell(), expiry).ifPresent(transaction::change);
    try {
      store.commit(transaction.build());
    } catch (ConflictException e) {
      // A rival who wrote the same has won all the same: two who count to the same number have not
      // counted both. But a save of ours whose outcome was unknown is no rival.
      if (!edit.tried(e.found())) {
        throw reject(content, e.getMessage());
      }
      if (!e.found().equals(saved)) {
        edit.basedOn(e.found());
        saveContent();
        return;
      }
    } catch (WrongTypeException e) {
      throw reject(content, e.getMessage());
    } catch (OutcomeUnknownException e) {
      edit.outcomeUnknown(saved);
      throw e;
    }
    advance(saved);
  }

  private void saveAppended() {
    Change append = new Change.Append(node.cell(), edit.appended().bytes());
    if (version != null && content.size() > PATCH_FROM && onlyAppenders()) {
      // Nobody needs to know the new version, and the digest of much text is not free. Who does
      // later, because he truncates instead, learns it then, as after the open of a large file.
      forgetBases();
      unloadContent();
    }
    if (version != null) {
      // When nobody else wrote, the new version is known and the other handles go along with it.
      try {
        Transaction.Builder transaction =
            Transaction.builder().expect(node.cell(), version).change(append);
        store.expire(node.cell(), expiry).ifPresent(transaction::change);
        store.commit(transaction.build());
        content.append(edit.appended());
        advance(content.version());
        return;
      } catch (ConflictException e) {
        // An append has no base that it could obliterate.
        unloadContent();
      } catch (WrongTypeException e) {
        throw reject(edit.appended(), e.getMessage());
      } catch (OutcomeUnknownException e) {
        throw lost(e);
      }
    }
    try {
      store.commit(Transaction.of(append));
    } catch (WrongTypeException e) {
      throw reject(edit.appended(), e.getMessage());
    } catch (OutcomeUnknownException e) {
      throw lost(e);
    }
    unloadedSize += edit.appended().size();
  }

  private void forgetBases() {
    for (Handle handle : handles) {
      if (handle.base().filter(version::equals).isPresent()) {
        handle.base(null);
      }
    }
  }

  private boolean onlyAppenders() {
    return handles.stream().allMatch(h -> h.mode().appends() || !h.mode().writes());
  }

  private boolean sendsPatches() {
    return edit.shape() == Edit.Shape.PATCHED
        && node.cell() instanceof Cell.StringCell
        && content.size() > PATCH_FROM
        && edit.ranges().total() < content.size() / 2;
  }

  /** Handles that stood on what was there before the save now stand on what was saved. */
  private void advance(Version saved) {
    for (Handle handle : handles) {
      Optional<Version> base = handle.base();
      if (base.isEmpty()
          || base.get().equals(version)
          || (edit != null && edit.bases().contains(base.get()))) {
        handle.base(saved);
      }
    }
    version = saved;
  }

  private void saved() {
    discardEdit();
    expiry = Optional.empty();
    if (unsaved) {
      unsaved = false;
      store.unsaved().remove(node);
    }
  }

  private FsException reject(Content text, String why) {
    String kept = store.rejected().keep(node.cell(), text, why);
    return giveUp(
        new FsException(
            FsError.CONFLICT,
            "The save was rejected, "
                + kept
                + ": "
                + why
                + " Read the file again and repeat the change."));
  }

  /** An append that may have happened must not be tried again. */
  private FsException lost(OutcomeUnknownException failure) {
    String kept = store.rejected().keep(node.cell(), edit.appended(), failure.getMessage());
    return giveUp(
        new FsException(
            FsError.IO,
            "It is not known whether the text was appended ("
                + kept
                + "): "
                + failure.getMessage()
                + " Look at the end of the file before you append it again.",
            failure));
  }

  private FsException giveUp(FsException failure) {
    for (Handle handle : handles) {
      if (handle.isDirty()) {
        handle.fail(failure);
      }
    }
    discardEdit();
    unloadContent();
    expiry = Optional.empty();
    if (unsaved) {
      unsaved = false;
      store.unsaved().remove(node);
    }
    return failure;
  }

  /** The edit becomes one of the whole content, of the given size. */
  private void rewrite(Handle handle, long size) {
    if (edit == null || edit.shape() == Edit.Shape.APPENDED) {
      Version base = handle.base().or(() -> Optional.ofNullable(version)).orElse(null);
      if (base == null) {
        base = store.backend().version(node.cell());
        if (base.isAbsent()) {
          throw gone();
        }
        handle.base(base);
      }
      if (edit == null) {
        edit = new Edit(Edit.Shape.REWRITTEN);
      }
      edit.bases().add(base);
    } else {
      handle.base().ifPresent(edit.bases()::add);
    }
    if (content == null) {
      content = Content.empty();
    }
    edit.rewritten();
    content.resize(size);
  }

  /** Makes the edit one of the content, so that a handle can write anywhere in it. */
  private void patch(Handle handle) {
    flattenAppended();
    if (edit == null) {
      load();
      edit = new Edit(Edit.Shape.PATCHED);
    }
    handle.base().ifPresent(edit.bases()::add);
  }

  private void flattenAppended() {
    if (edit != null && edit.shape() == Edit.Shape.APPENDED) {
      load();
      long start = content.size();
      content.append(edit.appended());
      edit.bases().add(version);
      edit.patched(start, content.size());
    }
  }

  /** Brings what the backend holds into line with what is known, as cheaply as it can. */
  private void refresh() {
    Optional<Range> range;
    try {
      range = store.backend().read(node.cell(), 0, SMALL);
    } catch (WrongTypeException e) {
      throw gone();
    }
    if (range.isEmpty()) {
      throw gone();
    }
    if (range.get().size() <= SMALL) {
      Version now = Version.of(range.get().content());
      if (content == null || !now.equals(version)) {
        boolean known = version != null;
        unload();
        content = Content.of(range.get().content());
        version = now;
        if (known) {
          node.contentChanged(store.now());
        }
      }
    } else if (content == null || !store.backend().version(node.cell()).equals(version)) {
      unload();
    }
    unloadedSize = range.get().size();
  }

  private void load() {
    if (content != null) {
      return;
    }
    Content loaded = Content.empty();
    Optional<Version> found = loadInto(loaded);
    if (found.isEmpty()) {
      loaded.close();
      throw gone();
    }
    content = loaded;
    version = found.get();
    unloadedSize = loaded.size();
    for (Handle handle : handles) {
      if (handle.base().isEmpty()) {
        handle.base(version);
      }
    }
  }

  private Optional<Version> loadInto(Content loaded) {
    Backend backend = store.backend();
    try {
      return backend.read(
          node.cell(),
          new ContentSink() {
            @Override
            public void start(long size) {
              loaded.resize(0);
            }

            @Override
            public void accept(ByteBuffer part) {
              loaded.write(loaded.size(), part);
            }
          });
    } catch (WrongTypeException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void discardEdit() {
    if (edit != null) {
      edit.close();
      edit = null;
      handles.forEach(Handle::clean);
    }
  }

  private void unload() {
    unloadContent();
    unloadedSize = 0;
  }

  private void unloadContent() {
    if (content != null) {
      unloadedSize = content.size();
      content.close();
      content = null;
    }
    version = null;
  }

  private FsException gone() {
    return new FsException(
        FsError.STALE, "The " + node.cell() + " is not there any more: somebody removed it.");
  }
}
