package io.redisfuse.frontend.files;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.redisfuse.api.Version;
import io.redisfuse.frontend.files.locks.Writers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The handles of one file: what each of their processes sees and has read through them.
 *
 * <p>Not safe for threads: guarded by the lock of the {@link OpenFile}.
 */
final class OpenHandles implements Iterable<Handle> {

  private final FileNode node;
  private final Store store;
  private final List<Handle> handles = new ArrayList<>();

  OpenHandles(FileNode node, Store store) {
    this.node = node;
    this.store = store;
  }

  void add(Handle handle) {
    handles.add(handle);
  }

  void remove(Handle handle) {
    handles.remove(handle);
  }

  boolean isEmpty() {
    return handles.isEmpty();
  }

  @Override
  public Iterator<Handle> iterator() {
    return handles.iterator();
  }

  /** Those that see a view. */
  List<Handle> of(View view) {
    return handles.stream().filter(handle -> handle.view() == view).toList();
  }

  /** Whether one of them sees another view than this. */
  boolean seeOtherThan(View view) {
    return handles.stream().anyMatch(handle -> handle.view() != view);
  }

  /** Whether one of them reads. */
  boolean areReading() {
    for (Handle handle : handles) {
      if (handle.mode().reads()) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of them is of a process. */
  boolean areAnyOf(ProcessId process) {
    return handles.stream().anyMatch(h -> h.process().filter(process::equals).isPresent());
  }

  // ---- who works together

  /** Whether a process has, or may have, a part in an edit: it or its kin is among the authors. */
  boolean isKin(Optional<ProcessId> process, Edit edit) {
    return process.isEmpty()
        || edit.authors().isEmpty()
        || edit.authors().contains(process.get())
        || edit.authors().stream().anyMatch(a -> store.processes().areKin(process.get(), a));
  }

  /** The view, other than the one that is shared, in which a process or its kin has written. */
  Optional<View> viewOfKin(Optional<ProcessId> process, View shared) {
    for (Handle handle : handles) {
      View view = handle.view();
      if (view != shared && !view.isClean() && isKin(process, view.edit())) {
        return Optional.of(view);
      }
    }
    return Optional.empty();
  }

  /**
   * Whether a new handle must keep out of the kernel's cache. Unrelated processes must not find
   * there what others of them write, which is not saved, or what others have asked for before:
   * nobody would know what they have seen. A process that can only write needs no cache.
   */
  boolean mustBypassCache(Handle handle) {
    if (!handle.mode().reads()) {
      return true;
    }
    if (store.reliesOnFeed() && onlyRead(handle) && handles.stream().allMatch(this::onlyRead)) {
      // All of them find the same there.
      return false;
    }
    return handle.process().isPresent()
        && handles.stream()
            .flatMap(other -> other.process().stream())
            .distinct()
            .anyMatch(other -> !store.processes().areKin(other, handle.process().get()));
  }

  private boolean onlyRead(Handle handle) {
    return handle.mode().onlyReads() && handle.view().isClean();
  }

  boolean onlyAppend(View view) {
    return of(view).stream().allMatch(h -> h.mode().appends() || !h.mode().writes());
  }

  // ---- what their processes have read

  /**
   * The process of the handle reads what the view shows. A reading of parts of different versions
   * is none of either, and nobody knows where one begins: the kernel asks for whole pages, again if
   * it has dropped them, and not for what it has.
   */
  void noteReading(Handle handle) {
    View view = handle.view();
    if (handle.process().isEmpty()
        || (!view.isClean() && (handle.isDirty() || isKin(handle.process(), view.edit())))) {
      return;
    }
    Optional<Version> visible = view.visible();
    if (visible.isEmpty() || visible.equals(handle.seen())) {
      return;
    }
    Version seen = handle.seen().isEmpty() ? visible.get() : Readings.TORN;
    handle.seen(seen);
    if (handle.isForBackup()) {
      store.readings().copied(handle.process().get(), node.cell(), seen);
    } else {
      store.readings().saw(handle.process(), node.cell(), seen);
      node.formerCell(handle.process())
          .ifPresent(cell -> store.readings().saw(handle.process(), cell, seen));
    }
    if (!handle.isDirty()) {
      handle.base(seen);
      if (!seen.equals(Readings.TORN)) {
        handle.fresh();
      }
    }
  }

  /**
   * What handles see changes otherwise than by a save: who is reading may get what it was, or what
   * it is, from the kernel, without that anybody tells us.
   */
  void doubtReadersBut(Optional<ProcessId> process) {
    for (Handle handle : handles) {
      if (handle.seen().isPresent() && !handle.process().equals(process)) {
        store.readings().doubt(handle.process(), node.cell());
      }
    }
  }

  /** Who has written what is unsaved in a view. */
  Writers writersOf(View view) {
    return new Writers(
        of(view).stream().filter(Handle::isDirty).map(Handle::number).collect(toUnmodifiableSet()),
        view.edit().authors().stream().map(ProcessId::number).collect(toUnmodifiableSet()));
  }

  // ---- after a save

  /** The version that a view has is not going to be known any more. */
  void forgetBases(View view) {
    for (Handle handle : of(view)) {
      if (handle.base().equals(view.version())) {
        handle.base(null);
      }
    }
  }

  /**
   * Handles that stood on what was there before the save now stand on what was saved: those of the
   * writers and of who started them, and of those who have not read what was there.
   */
  void advance(View view, Set<ProcessId> authors, Set<Version> bases, Version now) {
    for (Handle handle : of(view)) {
      if ((handle.base().isEmpty() || bases.contains(handle.base().get()))
          && goesAlong(handle, authors)) {
        handle.base(now);
        if (handle.seen().filter(bases::contains).isPresent()) {
          handle.seen(now);
        }
      }
    }
    for (Handle handle : handles) {
      if (handle.seen().isPresent() && handle.process().filter(authors::contains).isPresent()) {
        // Whatever it read before, it has seen what it saved.
        handle.seen(now);
      }
    }
  }

  /** What was appended to is not known, so what handles have read before says nothing. */
  void forgetSeen(View view, Set<ProcessId> authors) {
    for (Handle handle : of(view)) {
      if (goesAlong(handle, authors)) {
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

  // ---- after a rejection

  /** Somebody took the name away: what anybody else writes is lost to him. */
  void lose(ProcessId by) {
    for (Handle handle : handles) {
      if (handle.mode().writes()
          && handle.process().isPresent()
          && !store.processes().areKin(handle.process().get(), by)) {
        handle.lost();
      }
    }
  }

  boolean isLost(View view) {
    return of(view).stream().anyMatch(h -> h.isDirty() && h.isLost());
  }

  boolean isStale(View view) {
    return of(view).stream().anyMatch(h -> h.isDirty() && h.isStale());
  }

  /** What was written in a view cannot be saved: its writers are told, and begin again. */
  void fail(View view, FsException failure) {
    for (Handle handle : handles) {
      if (handle.view() == view && handle.isDirty()) {
        handle.fail(failure);
      }
      if (handle.process().filter(view.edit().authors()::contains).isPresent()) {
        handle.seen(null);
      }
    }
  }
}
