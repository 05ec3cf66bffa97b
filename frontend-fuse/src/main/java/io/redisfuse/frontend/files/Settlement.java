package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes happen in the backend what became of {@link Withheld} names: they were renamed or removed,
 * and not given again.
 *
 * <p>Safe for threads. Called with the names' lock held, and with no file locked.
 */
final class Settlement {

  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  /** Nobody who saves takes longer. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Store store;
  private final NodeTable nodes;
  private final Directories directories;
  private final ScratchFiles scratch;
  private final Withheld withheld;
  private final Handles handles;

  Settlement(
      Store store,
      NodeTable nodes,
      Directories directories,
      ScratchFiles scratch,
      Withheld withheld,
      Handles handles) {
    this.store = store;
    this.nodes = nodes;
    this.directories = directories;
    this.scratch = scratch;
    this.withheld = withheld;
    this.handles = handles;
  }

  /** Settles what has waited long enough, or whose process has ended. */
  void settleDue() {
    for (Withheld.Entry entry : withheld.all()) {
      if (isDue(entry)) {
        settle(entry);
      }
    }
  }

  private boolean isDue(Withheld.Entry entry) {
    return store.now().isAfter(entry.since().plus(PATIENCE))
        || !store.processes().isAlive(entry.process());
  }

  /** Settles everything: the mount ends, or a directory is renamed. */
  void settleBelow(Bytes stem) {
    for (Withheld.Entry entry : withheld.all()) {
      if (entry.stem().startsWith(stem)) {
        settle(entry);
      }
    }
  }

  /** A handle of the file is gone: a removal waits for the last one of its process. */
  void released(FileNode node) {
    if (withheld.isEmpty()) {
      return;
    }
    for (Withheld.Entry entry : withheld.all()) {
      boolean ready =
          entry.fate() == Withheld.Fate.REMOVE
              && entry.file().filter(node::equals).isPresent()
              && !node.file().locked(() -> node.file().isOpenBy(entry.process()));
      if (ready) {
        settle(entry);
      }
    }
  }

  /**
   * The name is given again. If by the process that took it away, that is a save of what it was; if
   * by another, what was taken away is settled first.
   */
  Optional<Withheld.Entry> take(Bytes stem, Bytes name, Optional<ProcessId> process) {
    Optional<Withheld.Entry> found = withheld.find(stem, name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Withheld.Entry entry = found.get();
    if (process.filter(entry.process()::equals).isEmpty()) {
      settle(entry);
      return Optional.empty();
    }
    if (!withheld.claim(entry)) {
      return Optional.empty();
    }
    withheld.settled(entry);
    return found;
  }

  List<Withheld.Entry> all() {
    return withheld.isEmpty() ? List.of() : withheld.all();
  }

  /** What a file was renamed to is removed: so the file is. */
  void settleRemoved(Withheld.Entry entry) {
    requireClaim(entry);
    boolean done = false;
    try {
      attached(entry).ifPresent(file -> file.file().locked(file.file()::prepareToDetach));
      remove(entry);
      attached(entry).ifPresent(file -> detach(file, entry.process()));
      done = true;
    } finally {
      if (done) {
        withheld.settled(entry);
      } else {
        withheld.giveBack(entry);
      }
    }
  }

  /** Does something while nobody settles the entry. */
  void beforeSettled(Withheld.Entry entry, Runnable action) {
    requireClaim(entry);
    try {
      action.run();
    } finally {
      withheld.giveBack(entry);
    }
  }

  private void requireClaim(Withheld.Entry entry) {
    if (!withheld.claim(entry)) {
      throw overtaken(entry.name());
    }
  }

  /** Something was settled while an operation was about to do something else with it. */
  static FsException overtaken(Bytes name) {
    return new FsException(FsError.STALE, name + " has just become another file; try again.");
  }

  private Optional<FileNode> attached(Withheld.Entry entry) {
    return entry
        .file()
        .filter(file -> nodes.find(file.identity()).filter(file::equals).isPresent());
  }

  /** Who has the file open keeps what it held. */
  private void detach(FileNode file, ProcessId by) {
    file.file().locked(() -> file.file().detach(Optional.of(by)));
    nodes.detach(file);
  }

  /** Shows the name again, as if nothing had happened. */
  void cancel(Withheld.Entry entry) {
    requireClaim(entry);
    withheld.settled(entry);
  }

  /** Makes it happen now. If that is not possible now, it is tried again. */
  void settle(Withheld.Entry entry) {
    if (!withheld.claim(entry)) {
      return;
    }
    boolean done = false;
    try {
      switch (entry.fate()) {
        case RENAME -> rename(entry);
        case REMOVE -> remove(entry);
        case STAY -> log.debug("The {} stays as it is.", entry.cell());
      }
      done = true;
    } catch (WrongTypeException | RefusedException | FsException e) {
      // It will not get better: the name is there again, and nothing is lost.
      log.warn(
          "{} was renamed or removed, but that cannot be done: {}", entry.name(), e.getMessage());
      done = true;
    } finally {
      if (done) {
        withheld.settled(entry);
      } else {
        withheld.giveBack(entry);
      }
    }
  }

  /** Removes what has lost its name, unless others have changed it since. */
  void remove(Withheld.Entry entry) {
    try {
      store.commit(
          Transaction.builder()
              .expect(entry.cell(), entry.version())
              .change(new Change.Delete(entry.cell()))
              .build());
      forgotten(entry);
      store.readings().removed(Optional.of(entry.process()), entry.cell());
    } catch (ConflictException e) {
      log.debug("The {} is somebody else's by now, and stays.", entry.cell(), e);
    }
  }

  /** It is no surprise for the process and for who started it if they make it anew. */
  private void forgotten(Withheld.Entry entry) {
    entry.ancestors().forEach(ancestor -> store.readings().seesItGone(ancestor, entry.cell()));
  }

  private void rename(Withheld.Entry entry) {
    ScratchNode backup = entry.backup().orElseThrow();
    Bytes stem = ScratchFiles.stemOf(backup.identity());
    Bytes name = ScratchFiles.nameOf(backup.identity());
    if (scratch.find(stem, name).filter(node -> node == backup).isEmpty()) {
      // It was removed under its new name.
      remove(entry);
      return;
    }
    Cell into = directories.newFile(stem, name);
    FileNode file = (FileNode) nodes.lookUp(new Identity.OfCell(entry.cell()));
    try {
      file.file().locked(() -> rename(entry, backup, file, into));
    } finally {
      nodes.forget(file.id(), 1);
    }
    FileNode renamed = (FileNode) nodes.lookUp(new Identity.OfCell(into));
    try {
      becomes(backup, renamed);
      scratch.remove(stem, name);
    } finally {
      nodes.forget(renamed.id(), 1);
    }
  }

  private void rename(Withheld.Entry entry, ScratchNode backup, FileNode file, Cell into) {
    Transaction.Builder transaction = Transaction.builder().expect(entry.cell(), entry.version());
    try (Content content = backup.copy()) {
      if (backup.isChanged()) {
        transaction.change(new Change.Delete(entry.cell())).put(into, content.bytes());
      } else {
        transaction.change(new Change.Move(entry.cell(), into));
      }
      try {
        store.commit(transaction.build());
        file.forgetVersion();
        nodes.rename(file, new Identity.OfCell(into));
        forgotten(entry);
        store.readings().moved(Optional.of(entry.process()), entry.cell(), into);
      } catch (ConflictException e) {
        log.debug("The {} is somebody else's by now, and stays.", entry.cell(), e);
        store.commit(Transaction.builder().put(into, content.bytes()).build());
      }
    }
  }

  /** A scratch file is an ordinary one from now on, also for those who have it open. */
  void becomes(ScratchNode node, FileNode file) {
    handles.become(
        node,
        open -> {
          nodes.hold(file.id());
          Handle handle =
              new Handle(
                  file,
                  open.mode().onceOpen(),
                  open.process(),
                  store.readings().of(open.process(), file.cell()));
          file.file().locked(() -> file.file().open(handle));
          open.release();
          return new OpenedCell(handle, store, nodes, this);
        });
  }

  /** The names of a directory that are hidden. */
  Set<Bytes> hidden(Bytes stem) {
    return all().stream()
        .filter(entry -> entry.stem().equals(stem))
        .map(Withheld.Entry::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a name is hidden. */
  boolean hides(Bytes stem, Bytes name) {
    return !withheld.isEmpty() && withheld.find(stem, name).isPresent();
  }

  /** A name is taken away, for now only here. */
  void withhold(
      Bytes stem,
      Bytes name,
      FileNode file,
      Version version,
      ProcessId process,
      Withheld.Fate fate,
      Optional<ScratchNode> backup) {
    withheld.add(
        new Withheld.Entry(
            stem,
            name,
            file.cell(),
            version,
            process,
            store.readings().ancestorsWhoKnow(process, file.cell()),
            store.now(),
            fate,
            Optional.of(file),
            backup));
  }
}
