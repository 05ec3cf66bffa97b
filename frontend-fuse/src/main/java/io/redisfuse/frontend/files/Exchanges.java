package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Exchanges of two names, each as one transaction that expects what both files held.
 *
 * <p>Both contents survive, so nothing is kept aside. But programs exchange to save: they write
 * another file, exchange it with the one that they have read, and remove what they take for the old
 * version. So an exchange expects of both files what its process has seen of them, as a save does;
 * of what it has not seen it expects nothing. A conflict is told once: then the process has seen
 * what is there.
 *
 * <p>Called with the names' lock held.
 */
final class Exchanges {

  private static final int TRIES = 3;

  private final Store store;
  private final NodeTable nodes;
  private final ScratchFiles scratch;
  private final Settlement settlement;
  private final Backups backups;

  Exchanges(
      Store store, NodeTable nodes, ScratchFiles scratch, Settlement settlement, Backups backups) {
    this.store = store;
    this.nodes = nodes;
    this.scratch = scratch;
    this.settlement = settlement;
    this.backups = backups;
  }

  void exchange(Found one, Found other, Optional<ProcessId> process) {
    if (one.identity().equals(other.identity())) {
      return;
    }
    if (one.isScratch() && other.isScratch()) {
      unsettled(one, () -> unsettled(other, () -> exchangeScratch(one, other)));
    } else if (one.identity() instanceof Identity.OfCell
        && other.identity() instanceof Identity.OfCell) {
      exchangeFiles(one.identity(), other.identity(), process);
    } else {
      throw new FsException(
          FsError.INVALID,
          "Only two files of the store, or two of this machine, can be exchanged; rename them one"
              + " after the other.");
    }
  }

  /** The name that a file had before it became this scratch file is not settled meanwhile. */
  private void unsettled(Found found, Runnable action) {
    Optional<Withheld.Entry> entry = backups.entryOf(found.identity());
    if (entry.isPresent()) {
      settlement.beforeSettled(entry.get(), action);
    } else {
      action.run();
    }
  }

  private void exchangeScratch(Found one, Found other) {
    Node first = find(one);
    Node second = find(other);
    backups.requireThere(first);
    backups.requireThere(second);
    scratch.exchange(first, second);
  }

  private Node find(Found found) {
    return nodes
        .find(found.identity())
        .orElseThrow(() -> Settlement.overtaken(ScratchFiles.nameOf(found.identity())));
  }

  private void exchangeFiles(Identity one, Identity other, Optional<ProcessId> process) {
    FileNode first = (FileNode) nodes.lookUp(one);
    FileNode second = (FileNode) nodes.lookUp(other);
    try {
      boolean inOrder = first.id() < second.id();
      OpenFile outer = (inOrder ? first : second).file();
      OpenFile inner = (inOrder ? second : first).file();
      outer.locked(
          () ->
              inner.locked(
                  () -> {
                    requireStill(first, one);
                    requireStill(second, other);
                    publish(first, process);
                    publish(second, process);
                    exchangeContents(expectation(first, process), expectation(second, process));
                    first.exchanged(first.cell(), process);
                    second.exchanged(second.cell(), process);
                    nodes.exchange(first, second.identity(), second, first.identity());
                  }));
    } finally {
      nodes.forget(first.id(), 1);
      nodes.forget(second.id(), 1);
    }
  }

  /** Somebody else may have renamed or exchanged it before it was locked. */
  private static void requireStill(FileNode node, Identity identity) {
    if (!node.identity().equals(identity) || node.file().isDetached()) {
      throw Settlement.overtaken(((Identity.OfCell) identity).cell().key());
    }
  }

  private TargetExpectation expectation(FileNode node, Optional<ProcessId> process) {
    return new TargetExpectation(store, node.cell(), Replacement.ALLOWED, process);
  }

  /**
   * What the process itself has written and not saved is what it exchanges, and what does not exist
   * in the store yet must. What others have not saved goes along with the file: it is theirs.
   */
  private static void publish(FileNode node, Optional<ProcessId> process) {
    if (node.file().isUnsaved() || node.file().isSavedByRename(process)) {
      node.file().saveShared();
    }
  }

  private void exchangeContents(TargetExpectation one, TargetExpectation other) {
    for (int tries = 1; ; tries++) {
      try (Content first = Content.empty();
          Content second = Content.empty()) {
        Version ofFirst = load(one, first);
        Version ofSecond = load(other, second);
        one.refuseReflexes(ofSecond);
        other.refuseReflexes(ofFirst);
        store.commit(transaction(one.cell(), ofFirst, first, other.cell(), ofSecond, second));
        one.saved(Optional.of(ofFirst), ofSecond);
        other.saved(Optional.of(ofSecond), ofFirst);
        return;
      } catch (ConflictException e) {
        // Somebody has changed one of them since it was read here: it is looked at again.
        if (tries == TRIES) {
          throw new FsException(
              FsError.CONFLICT,
              "The " + e.cell() + " keeps changing while it is to be exchanged; try again later.",
              e);
        }
      }
    }
  }

  /** Reads what is there, which is to be what the process has seen. */
  private Version load(TargetExpectation expectation, Content content) {
    Cell cell = expectation.cell();
    Version version =
        Content.load(store.backend(), cell, content)
            .orElseThrow(() -> new FsException(FsError.NO_ENTRY, "The " + cell + " is gone."));
    expectation.requireSeen(version);
    return version;
  }

  private Transaction transaction(
      Cell one, Version ofOne, Content first, Cell other, Version ofOther, Content second) {
    Transaction.Builder transaction =
        Transaction.builder()
            .expect(one, ofOne)
            .expect(other, ofOther)
            .put(one, second.bytes())
            .put(other, first.bytes());
    if (one instanceof Cell.StringCell && other instanceof Cell.StringCell) {
      // From string to string a TTL goes along. A field has none of its own.
      Map<Cell, CellStatus> statuses = store.backend().describe(List.of(one, other));
      Optional<Duration> ttlOfOne = ttl(statuses, one);
      Optional<Duration> ttlOfOther = ttl(statuses, other);
      if (ttlOfOne.isPresent() || ttlOfOther.isPresent()) {
        transaction
            .change(new Change.Expire(one.key(), ttlOfOther))
            .change(new Change.Expire(other.key(), ttlOfOne));
      }
    }
    return transaction.build();
  }

  private static Optional<Duration> ttl(Map<Cell, CellStatus> statuses, Cell cell) {
    return Renames.atLeastShortest(
        Optional.ofNullable(statuses.get(cell)).flatMap(CellStatus::ttl));
  }
}
