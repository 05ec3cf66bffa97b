package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.Reason;
import java.util.Optional;

/**
 * What becomes of a text that cannot be saved, and what its writers are told: it is kept, and they
 * know then what is there instead.
 *
 * <p>Not safe for threads: guarded by the lock of the {@link OpenFile}.
 */
final class Refusals {

  private final FileNode node;
  private final Store store;

  Refusals(FileNode node, Store store) {
    this.node = node;
    this.store = store;
  }

  /** The file lost its name while it was written. */
  Rejected takenAway() {
    String words =
        "The " + node.cell() + " was removed or replaced by somebody else while it was written.";
    try {
      Version found = store.backend().version(node.cell());
      return new Rejected(Optional.empty(), Optional.of(found), words, /* cause= */ null);
    } catch (WrongTypeException e) {
      return new Rejected(Optional.empty(), Optional.empty(), words, e);
    }
  }

  /** It was known before the writing that it would be in vain. */
  Rejected changedBefore(Edit edit) {
    Cell cell = node.cell();
    Optional<Version> expected = edit.bases().stream().findFirst();
    try {
      Version found = store.backend().version(cell);
      String words =
          ConflictWords.of(cell, expected, found, Save.author(store, edit))
              + " It was told so when it wrote, and may have stopped there.";
      return new Rejected(expected, Optional.of(found), words, /* cause= */ null);
    } catch (WrongTypeException e) {
      return new Rejected(expected, Optional.empty(), ConflictWords.of(cell, e), e);
    }
  }

  /** Programs that do not look at what close(2) answers are told with a write. */
  FsException knownStale() {
    return new FsException(
        FsError.CONFLICT,
        "The "
            + node.cell()
            + " was changed by somebody else since the program read it, so nothing is written;"
            + " read the file again, or save once more to overwrite it.");
  }

  /** Keeps what a view has, tells its writers, and returns what to throw. */
  FsException reject(View view, Rejected why) {
    Edit edit = view.edit();
    if (isRestored(view)) {
      // The text is what was there before somebody else changed it.
      return new FsException(FsError.CONFLICT, why.getMessage(), why);
    }
    String kept = keep(view, Reason.REJECTED, why.expected(), why.found(), why.getMessage());
    why.found()
        .ifPresent(
            found ->
                edit.authors()
                    .forEach(
                        author ->
                            store
                                .readings()
                                .told(
                                    author,
                                    node.cell(),
                                    found,
                                    Rejection.Way.WRITE,
                                    why.expected(),
                                    store.now())));
    return Store.rejection(why, kept);
  }

  private boolean isRestored(View view) {
    return !view.isAppended()
        && view.edit().authors().stream()
            .map(author -> store.readings().of(Optional.of(author), node.cell()))
            .flatMap(Optional::stream)
            .flatMap(seen -> seen.rejection().stream())
            .anyMatch(r -> r.isRestoredBy(view.content().version(), store.now()));
  }

  /** Keeps an append that may have happened, and must not be tried again. */
  FsException lostAppend(View view, OutcomeUnknownException failure) {
    String kept =
        keep(view, Reason.UNCERTAIN, Optional.empty(), Optional.empty(), failure.getMessage());
    return new FsException(
        FsError.IO,
        "It is not known whether the text was appended ("
            + kept
            + "): "
            + failure.getMessage()
            + " Look at the end of the file before you append it again.",
        failure);
  }

  /** Keeps what a view has, though nobody can be told. */
  void abandon(View view, String why) {
    keep(view, Reason.UNSAVED, view.edit().bases().stream().findFirst(), Optional.empty(), why);
  }

  private String keep(
      View view, Reason reason, Optional<Version> expected, Optional<Version> found, String why) {
    Content text = view.isAppended() ? view.edit().appended() : view.content();
    return store
        .rejected()
        .keep(node.cell(), text, reason, expected, found, Save.author(store, view.edit()), why);
  }
}
