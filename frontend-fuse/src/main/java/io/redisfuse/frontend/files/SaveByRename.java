package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.files.locks.Fence;
import java.time.Duration;
import java.util.Optional;

/**
 * The rename of a file to a name, whose file it may replace: then it is how a program saves, and
 * expects of that file what its process has seen of it.
 *
 * <p>Not safe for threads: the file and what it replaces are locked.
 */
final class SaveByRename {

  private final Store store;
  private final OpenFile file;
  private final Cell from;
  private final Cell into;
  private final TargetExpectation target;

  SaveByRename(Store store, FileNode moved, TargetExpectation target) {
    this.store = store;
    this.file = moved.file();
    this.from = moved.cell();
    this.into = target.cell();
    this.target = target;
  }

  /**
   * Commits.
   *
   * @param there the version that the process took away from the name, or that it is free
   * @param ttl the TTL that the key gets
   * @throws FsException if the target is not what the process has seen, or what must be free is
   *     not; nothing was applied, and in the first case the text is kept
   */
  void commit(Optional<Version> there, Optional<Duration> ttl) {
    boolean dirty = savesText();
    Optional<Version> text = text(dirty);
    text.ifPresent(target::refuseReflexes);
    Optional<Version> expected = target.expected(there);
    if (text.isEmpty() && expected.isPresent()) {
      text = Optional.of(store.backend().version(from));
    }
    Fence fence = store.fences().of(into, target.writers());
    if (fence.isLost()) {
      throw unlocked(dirty);
    }
    Transaction.Builder transaction =
        dirty ? file.contentFor(into) : Transaction.builder().change(new Change.Move(from, into));
    fence.expected().ifPresent(transaction::expect);
    expected.ifPresent(version -> transaction.expect(into, version));
    ttl.ifPresent(left -> transaction.change(new Change.Expire(into.key(), Optional.of(left))));
    Optional<KeptText> overwritten = target.keepOverwritten(text);
    try {
      store.commitKeeping(transaction.build(), overwritten);
    } catch (ConflictException e) {
      if (fence.expected().filter(lock -> lock.cell().equals(e.cell())).isPresent()) {
        store.fences().missing(into, fence.expected().get());
        // Unless it was given back meanwhile.
        commit(there, ttl);
        return;
      }
      throw rejected(e, dirty);
    } catch (WrongTypeException e) {
      if (target.mustBeFree() && !e.key().equals(from.key())) {
        throw target.taken(e);
      }
      if (dirty) {
        throw target.reject(file.dirtyContent(), Optional.empty(), ConflictWords.of(into, e), e);
      }
      throw e;
    }
    store.readings().moved(target.process(), from, into);
    text.ifPresent(version -> target.saved(expected, version));
    if (dirty) {
      file.savedByRename();
    }
  }

  /** Whether it saves what was written and not saved yet. */
  boolean savesText() {
    return file.isSavedByRename(target.process());
  }

  /** The version of what the target is going to hold, as far as that is known. */
  private Optional<Version> text(boolean dirty) {
    return dirty
        ? Optional.of(file.dirtyContent().version())
        : store.readings().of(target.process(), from).map(Seen::version);
  }

  private FsException rejected(ConflictException e, boolean dirty) {
    if (!e.cell().equals(into)) {
      return new FsException(dirty ? FsError.CONFLICT : FsError.NO_ENTRY, e.getMessage(), e);
    }
    if (target.mustBeFree()) {
      return target.taken(e);
    }
    return rejected(dirty, Optional.of(e.found()), target.words(e.found()), e);
  }

  /** Who renames believes that he has the target locked. */
  private FsException unlocked(boolean dirty) {
    Optional<Version> found = target.versionNow();
    store.fences().told(into, target.writers());
    return rejected(dirty, found, ConflictWords.unlocked(into), /* cause= */ null);
  }

  private FsException rejected(
      boolean dirty, Optional<Version> found, String why, ConflictException cause) {
    if (dirty) {
      return target.reject(file.dirtyContent(), found, why, cause);
    }
    try (Content content = Content.empty()) {
      Content.load(store.backend(), from, content);
      return target.reject(content, found, why, cause);
    } catch (BackendException unavailable) {
      FsException failure = new FsException(FsError.CONFLICT, why, cause);
      failure.addSuppressed(unavailable);
      return failure;
    }
  }
}
