package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.files.locks.Fence;
import io.redisfuse.frontend.files.locks.Writers;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The commit of what a view has, as one transaction that expects what the writers had seen.
 *
 * <p>Not safe for threads: guarded by the lock of the {@link OpenFile}.
 */
final class Save {

  /** Above this size a change of less than half of a string is sent as patches. */
  static final long PATCH_FROM = 256 << 10;

  private final Cell cell;
  private final Store store;
  private final View view;
  private final Edit edit;
  private final Optional<Instant> expiry;
  private final Writers writers;
  private boolean blind;

  /**
   * @param expiry when the key is to expire, of a key that comes into being again
   * @param writers whose locks must count still
   */
  Save(Cell cell, Store store, View view, Optional<Instant> expiry, Writers writers) {
    this.cell = cell;
    this.store = store;
    this.view = view;
    this.edit = view.edit();
    this.expiry = expiry;
    this.writers = writers;
  }

  /** Who is saving, in words; nothing if it is not known. */
  static String author(Store store, Edit edit) {
    return edit.authors().stream().findFirst().map(store::nameOf).orElse("");
  }

  /**
   * Commits.
   *
   * @throws Rejected if the cell is not what the writers had seen; nothing was applied
   * @throws BackendException if it could not be done, or may have been
   */
  void commit() throws Rejected {
    if (edit.isAppended()) {
      append();
    } else {
      put(view.content().version());
    }
  }

  /** Whether it has appended to something of which nobody here knows what it is. */
  boolean isBlind() {
    return blind;
  }

  private void put(Version saved) throws Rejected {
    refuseReflexes(saved);
    if (changesNothing(saved)) {
      confirm(saved);
      return;
    }
    Optional<Expectation> lock = requireLocks();
    Transaction.Builder transaction = Transaction.builder();
    lock.ifPresent(transaction::expect);
    if (store.detectsConflicts()) {
      edit.bases().forEach(base -> transaction.expect(cell, base));
    }
    view.addChanges(transaction);
    store.expire(cell, expiry).ifPresent(transaction::change);
    Optional<KeptText> overwritten = keepOverwritten(saved);
    try {
      store.commitKeeping(transaction.build(), overwritten);
    } catch (ConflictException e) {
      if (isLost(lock, e)) {
        // Or it was given back meanwhile.
        put(saved);
        return;
      }
      if (isThereAnyway(saved, e.found())) {
        confirm(saved);
        return;
      }
      if (!edit.tried(e.found())) {
        Optional<Version> expected = edit.bases().stream().findFirst();
        String why = ConflictWords.of(cell, expected, e.found(), author(store, edit));
        throw new Rejected(expected, Optional.of(e.found()), why, e);
      }
      // An earlier try of ours has succeeded, and this is more.
      edit.basedOn(e.found());
      put(saved);
      return;
    } catch (WrongTypeException e) {
      throw rejectedByType(e);
    } catch (OutcomeUnknownException e) {
      edit.outcomeUnknown(saved);
      throw e;
    }
    confirm(saved);
  }

  /** Whether the text is what it was made from, and that is there still: then nothing is sent. */
  private boolean changesNothing(Version saved) {
    return expiry.isEmpty()
        && edit.bases().equals(Set.of(saved))
        && store.backend().version(cell).equals(saved);
  }

  /**
   * What would be written is there already. A rival who wrote the same has won all the same if the
   * writer made it from what he had read: two who count to the same number have not counted both.
   * But a save of ours whose outcome was unknown is no rival.
   */
  private boolean isThereAnyway(Version saved, Version found) {
    return found.equals(saved)
        && (edit.tried(found)
            || edit.authors().stream()
                .noneMatch(
                    a -> store.readings().of(Optional.of(a), cell).map(Seen::read).orElse(false)));
  }

  private void confirm(Version saved) {
    Set<Version> replaced = Set.copyOf(edit.bases());
    for (ProcessId author : edit.authors()) {
      store.readings().saved(author, cell, replaced, saved);
    }
    view.saved(saved);
  }

  private void refuseReflexes(Version saved) throws Rejected {
    for (ProcessId author : edit.authors()) {
      Optional<Seen> seen = store.readings().of(Optional.of(author), cell);
      Optional<Rejection> rejection = seen.flatMap(Seen::rejection);
      if (rejection.isPresent()
          && rejection.get().isFollowedBy(Rejection.Way.WRITE, saved, store.now())) {
        throw new Rejected(
            rejection.get().expected(),
            seen.map(Seen::version),
            ConflictWords.reflex(cell),
            /* cause= */ null);
      }
    }
  }

  /** Keeps what a process overwrites because it has been told of it. */
  private Optional<KeptText> keepOverwritten(Version saved) {
    for (ProcessId author : edit.authors()) {
      Optional<Seen> seen = store.readings().of(Optional.of(author), cell);
      if (seen.flatMap(Seen::rejection).isPresent()
          && !seen.get().version().equals(saved)
          && edit.bases().contains(seen.get().version())) {
        return store.keepOverwritten(cell, seen.get().version(), store.nameOf(author));
      }
    }
    return Optional.empty();
  }

  /**
   * What must be so for the locks of the writers to count.
   *
   * @throws Rejected if they have lost them
   */
  private Optional<Expectation> requireLocks() throws Rejected {
    Fence fence = store.fences().of(cell, writers);
    if (fence.isLost()) {
      Optional<Version> there = versionThere();
      store.fences().told(cell, writers);
      Optional<Version> expected = edit.bases().stream().findFirst();
      throw new Rejected(expected, there, ConflictWords.unlocked(cell), /* cause= */ null);
    }
    return fence.expected();
  }

  private Optional<Version> versionThere() {
    try {
      return Optional.of(store.backend().version(cell));
    } catch (WrongTypeException e) {
      return Optional.empty();
    }
  }

  /** Whether a lock does not count any more that had to. */
  private boolean isLost(Optional<Expectation> lock, ConflictException e) {
    if (lock.isEmpty() || !lock.get().cell().equals(e.cell())) {
      return false;
    }
    store.fences().missing(cell, lock.get());
    return true;
  }

  private void append() throws Rejected {
    Change append = new Change.Append(cell, edit.appended().bytes());
    Optional<Version> before = view.version();
    if (before.isPresent()) {
      // When nobody else wrote, the new version is known and the handles go along with it.
      try {
        commitAppend(append, before);
        view.content().append(edit.appended());
        Version now = view.content().version();
        for (ProcessId author : edit.authors()) {
          store.readings().appended(author, cell, before.get(), now);
        }
        view.saved(now);
        return;
      } catch (ConflictException e) {
        // An append has no base that it could obliterate.
        view.unloadContent();
      }
    } else {
      // Nobody knows what the new version is, so none can be expected of those who append.
      edit.authors().forEach(author -> store.readings().forget(author, cell));
      blind = true;
    }
    commitAppend(append, Optional.empty());
    view.appendedToUnknown();
  }

  private void commitAppend(Change append, Optional<Version> before) throws Rejected {
    Optional<Expectation> lock = requireLocks();
    Transaction.Builder transaction = Transaction.builder();
    lock.ifPresent(transaction::expect);
    before.ifPresent(version -> transaction.expect(cell, version));
    transaction.change(append);
    store.expire(cell, expiry).ifPresent(transaction::change);
    try {
      store.commit(transaction.build());
    } catch (ConflictException e) {
      if (!isLost(lock, e)) {
        throw e;
      }
      // Or it was given back meanwhile.
      commitAppend(append, before);
    } catch (WrongTypeException e) {
      throw rejectedByType(e);
    }
  }

  private Rejected rejectedByType(WrongTypeException e) {
    Optional<Version> expected = edit.bases().stream().findFirst();
    return new Rejected(expected, Optional.empty(), ConflictWords.of(cell, e), e);
  }
}
