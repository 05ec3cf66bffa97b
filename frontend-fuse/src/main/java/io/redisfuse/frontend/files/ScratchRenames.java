package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.files.Departures.Departure;
import io.redisfuse.frontend.files.Renames.Place;
import java.util.Optional;

/**
 * Renames from and to names of scratch files: how editors save, and how they make backups.
 *
 * <p>Called with the names' lock held.
 */
final class ScratchRenames {

  private final Store store;
  private final NodeTable nodes;
  private final Namespace namespace;
  private final Directories directories;
  private final ScratchFiles scratch;
  private final Settlement settlement;
  private final Backups backups;
  private final Renames renames;

  ScratchRenames(
      Store store,
      NodeTable nodes,
      Namespace namespace,
      Directories directories,
      ScratchFiles scratch,
      Settlement settlement,
      Backups backups,
      Renames renames) {
    this.store = store;
    this.nodes = nodes;
    this.namespace = namespace;
    this.directories = directories;
    this.scratch = scratch;
    this.settlement = settlement;
    this.backups = backups;
    this.renames = renames;
  }

  /** A scratch file gets another scratch name. */
  void within(Found source, Place to, Replacement replacement) {
    Node node = find(source);
    if (replacement == Replacement.REFUSED && scratch.find(to.stem(), to.name()).isPresent()) {
      throw Namespace.taken(to.name());
    }
    namespace.retain(to.stem());
    scratch.find(to.stem(), to.name()).ifPresent(backups::removed);
    Optional<Withheld.Entry> entry = backups.entryOf(node.identity());
    if (entry.isPresent()) {
      settlement.beforeSettled(entry.get(), () -> rename(node, to, replacement));
    } else {
      rename(node, to, replacement);
    }
  }

  private void rename(Node node, Place to, Replacement replacement) {
    backups.requireThere(node);
    scratch.rename(node, to.stem(), to.name(), replacement);
  }

  private Node find(Found source) {
    return nodes
        .find(source.identity())
        .orElseThrow(() -> Settlement.overtaken(ScratchFiles.nameOf(source.identity())));
  }

  /** Whether a rename can wait: not if somebody else is writing the file. */
  boolean canWithhold(Found source, ProcessId process) {
    return nodes
        .find(source.identity())
        .map(FileNode.class::cast)
        .map(node -> node.file().locked(() -> node.file().isNobodyElsesWork(process)))
        .orElse(true);
  }

  /**
   * An ordinary file gets a scratch name: here at once; in the backend when its process has ended
   * without giving its name again, since until then it may be how an editor makes its backup.
   */
  void withhold(Found source, Place from, Place to, Optional<Found> target, ProcessId process) {
    FileNode file = (FileNode) nodes.lookUp(source.identity());
    try {
      scratch.find(to.stem(), to.name()).ifPresent(backups::removed);
      target
          .filter(over -> !over.isScratch())
          .ifPresent(over -> namespace.remove(over.identity(), Optional.of(process)));
      file.file().locked(() -> withhold(file, from, to, process));
    } finally {
      nodes.forget(file.id(), 1);
    }
  }

  private void withhold(FileNode file, Place from, Place to, ProcessId process) {
    file.file().saveShared();
    try (Content content = Content.empty()) {
      Version version =
          Content.load(store.backend(), file.cell(), content).orElseThrow(() -> gone(file.cell()));
      ScratchNode backup = scratch.create(to.stem(), to.name());
      backup.holds(content, new ScratchNode.Backup(file.cell(), version));
      scratch.written(backup);
      backup.take(file.attributes(content.size()));
      settlement.withhold(
          from.stem(),
          from.name(),
          file,
          version,
          process,
          Withheld.Fate.RENAME,
          Optional.of(backup));
    }
  }

  /** A scratch file gets an ordinary name: that saves it. */
  void save(
      Found source,
      Place to,
      Optional<Found> target,
      Replacement replacement,
      Optional<ProcessId> process) {
    target.ifPresent(Renames::requireFile);
    if (!(source.identity() instanceof Identity.OfScratch)) {
      throw new FsException(
          FsError.NOT_PERMITTED, "A symbolic link cannot become " + to.name() + ".");
    }
    ScratchNode node = (ScratchNode) find(source);
    Optional<Withheld.Entry> before = backups.entryOf(node.identity());
    before.ifPresent(settlement::cancel);
    boolean cancelled = before.isPresent();
    backups.requireThere(node);
    if (cancelled && !node.isChanged()) {
      // It was not a backup: the file itself is renamed back, or on.
      FileNode file = (FileNode) nodes.lookUp(new Identity.OfCell(before.get().cell()));
      try {
        settlement.becomes(node, file);
        discard(node);
        if (!isAt(before.get(), to)) {
          renames.file(Found.of(source.entry(), file.identity()), to, target, replacement, process);
        }
      } finally {
        nodes.forget(file.id(), 1);
      }
      return;
    }
    boolean isBack = cancelled && isAt(before.get(), to);
    Optional<Withheld.Entry> taken =
        isBack ? before : settlement.take(to.stem(), to.name(), process);
    Departure place =
        target
            .map(found -> ((Identity.OfCell) found.identity()).cell())
            .or(() -> taken.map(Withheld.Entry::cell))
            .map(cell -> new Departure(cell, Optional.empty()))
            .orElseGet(() -> namespace.placeOfNew(to.stem(), to.name(), process));
    TargetExpectation expectation =
        new TargetExpectation(store, place.cell(), replacement, process);
    boolean isItsBackup =
        node.backup().filter(backup -> backup.cell().equals(place.cell())).isPresent();
    if (isItsBackup && !node.isChanged() && expectation.mayBePutBack()) {
      // The editor puts its backup back in the place of what it could not save: that is there.
      discard(node);
      return;
    }
    if (target.isEmpty() && taken.isEmpty()) {
      directories.requireNoHash(place.cell());
    }
    Optional<Version> there =
        taken
            .map(Withheld.Entry::version)
            .or(() -> target.isEmpty() ? Optional.of(Version.ABSENT) : Optional.empty());
    save(node, place, there, expectation);
    if (cancelled && !isBack) {
      settlement.remove(before.get());
    }
  }

  private void save(
      ScratchNode node, Departure place, Optional<Version> there, TargetExpectation expectation) {
    Cell cell = place.cell();
    FileNode replaced = (FileNode) nodes.lookUp(new Identity.OfCell(cell));
    try (Content content = node.copy()) {
      replaced
          .file()
          .locked(() -> store.save(() -> save(node, content, replaced, place, there, expectation)));
    } finally {
      nodes.forget(replaced.id(), 1);
    }
    FileNode file = (FileNode) nodes.lookUp(new Identity.OfCell(cell));
    try {
      file.take(node.attributes(node.size()));
      settlement.becomes(node, file);
      node.kept().ifPresent(store.rejected()::drop);
      discard(node);
    } finally {
      nodes.forget(file.id(), 1);
    }
  }

  private void save(
      ScratchNode node,
      Content content,
      FileNode replaced,
      Departure place,
      Optional<Version> there,
      TargetExpectation expectation) {
    Cell cell = place.cell();
    OpenFile file = replaced.file();
    Version text = content.version();
    expectation.refuseReflexes(text);
    Optional<Version> expected =
        node.kept()
            .flatMap(KeptText::found)
            .or(() -> node.madeFrom(cell).filter(version -> store.detectsConflicts()))
            .filter(version -> !expectation.mustBeFree())
            .or(() -> expectation.expected(there));
    if (file.isOpen() && !file.isDetached()) {
      file.prepareToDetach();
    }
    Transaction.Builder transaction = Transaction.builder().put(cell, content.bytes());
    expected.ifPresent(version -> transaction.expect(cell, version));
    store.expire(cell, place.expiry()).ifPresent(transaction::change);
    Optional<KeptText> overwritten = expectation.keepOverwritten(Optional.of(text));
    try {
      store.commitKeeping(transaction.build(), overwritten);
    } catch (OutcomeUnknownException e) {
      expectation.tried(text);
      throw e;
    } catch (ConflictException e) {
      if (expectation.mustBeFree() && !(e.found().equals(text) && expectation.hasTried(text))) {
        throw expectation.taken(e);
      }
      if (node.kept().isPresent()) {
        throw new FsException(
            FsError.CONFLICT,
            expectation.words(e.found())
                + " The text "
                + node.kept().get().id()
                + " stays kept; compare it with what is there now.",
            e);
      }
      if (e.found().equals(text) && expectation.hasTried(text)) {
        saved(replaced, expected, text, expectation);
        return;
      }
      throw expectation.reject(content, Optional.of(e.found()), expectation.words(e.found()), e);
    } catch (WrongTypeException e) {
      if (expectation.mustBeFree()) {
        throw expectation.taken(e);
      }
      throw expectation.reject(content, Optional.empty(), ConflictWords.of(cell, e), e);
    }
    saved(replaced, expected, text, expectation);
  }

  private void saved(
      FileNode replaced, Optional<Version> expected, Version text, TargetExpectation expectation) {
    expectation.saved(expected, text);
    replaced.file().detach(expectation.process());
    nodes.detach(replaced);
  }

  private void discard(ScratchNode node) {
    scratch.remove(ScratchFiles.stemOf(node.identity()), ScratchFiles.nameOf(node.identity()));
  }

  private static boolean isAt(Withheld.Entry entry, Place place) {
    return entry.stem().equals(place.stem()) && entry.name().equals(place.name());
  }

  private static FsException gone(Cell cell) {
    return new FsException(FsError.NO_ENTRY, "The " + cell + " is gone.");
  }
}
