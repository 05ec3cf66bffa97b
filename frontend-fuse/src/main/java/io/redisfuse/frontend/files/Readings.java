package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What each process has seen of each cell, which is what its saves expect.
 *
 * <p>A program saves what it made from what it read, be that minutes ago and through another
 * descriptor. What it has saved itself it has seen, too; and so have its ancestors, if they had
 * seen what was there before: what a shell's child saves is no rival of the shell.
 *
 * <p>Bounded: of a process with very many files what it saw first is forgotten, and of a process
 * that ended everything.
 *
 * <p>Safe for threads.
 */
final class Readings {

  /** About 200 bytes each. */
  private static final int MOST = 100_000;

  /** What no content has: whoever has seen this has seen something that is not one version. */
  static final Version TORN = Version.ofSha1("0".repeat(40));

  private final Processes processes;
  private final int most;

  /** What was seen first is first. Changed only by {@code compute}, one process at a time. */
  private final ConcurrentMap<ProcessId, Map<Cell, Seen>> byProcess = new ConcurrentHashMap<>();

  /** How many are in {@link #byProcess}. */
  private final AtomicInteger size = new AtomicInteger();

  Readings(Processes processes) {
    this(processes, MOST);
  }

  Readings(Processes processes, int most) {
    this.processes = processes;
    this.most = most;
  }

  /** What a process has seen of a cell, if that is remembered. */
  Optional<Seen> of(Optional<ProcessId> process, Cell cell) {
    return process.map(byProcess::get).map(cells -> cells.get(cell));
  }

  /** A process has read a version. */
  void saw(Optional<ProcessId> process, Cell cell, Version version) {
    process.ifPresent(p -> put(p, cell, Seen.of(version, true)));
  }

  /** A process may have read parts of different versions, or what was never saved. */
  void doubt(Optional<ProcessId> process, Cell cell) {
    saw(process, cell, TORN);
  }

  /** What a process read through some handle does not count: it made a backup, no more. */
  void takeBack(ProcessId process, Cell cell, Optional<Seen> before) {
    if (before.isPresent()) {
      put(process, cell, before.get());
    } else {
      forget(process, cell);
    }
  }

  /** A process has read a version, but only for a backup. */
  void copied(ProcessId process, Cell cell, Version version) {
    of(Optional.of(process), cell).ifPresent(seen -> put(process, cell, seen.withCopied(version)));
  }

  /**
   * A process was told what is there, by a rejection of what it wanted to save.
   *
   * @param expected the version from which that was made, if it is known
   */
  void told(
      ProcessId process,
      Cell cell,
      Version found,
      Rejection.Way way,
      Optional<Version> expected,
      Instant now) {
    Optional<Seen> seen = of(Optional.of(process), cell);
    Rejection rejection = new Rejection(way, expected, seen.flatMap(Seen::copied), now);
    put(
        process,
        cell,
        new Seen(
            found,
            seen.map(Seen::read).orElse(false),
            Optional.of(rejection),
            Optional.empty(),
            seen.flatMap(Seen::copied)));
  }

  /** Nobody knows whether a process has saved this version. */
  void tried(ProcessId process, Cell cell, Version version) {
    of(Optional.of(process), cell).ifPresent(seen -> put(process, cell, seen.withTried(version)));
  }

  /**
   * A process has saved a version in the place of others: it has seen it, and so have those that
   * started it and had seen one of those others.
   */
  void saved(ProcessId process, Cell cell, Collection<Version> replaced, Version version) {
    follow(process, cell, version);
    if (!isKnownToOthers(process, cell, replaced)) {
      return;
    }
    for (ProcessId ancestor : processes.ancestorsOf(process)) {
      Optional<Seen> seen = of(Optional.of(ancestor), cell);
      if (seen.isPresent() && replaced.contains(seen.get().version())) {
        follow(ancestor, cell, version);
      }
    }
  }

  /** Whether others have seen one of these versions of a cell. */
  private boolean isKnownToOthers(ProcessId process, Cell cell, Collection<Version> versions) {
    return byProcess.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(process))
        .map(entry -> entry.getValue().get(cell))
        .anyMatch(seen -> seen != null && versions.contains(seen.version()));
  }

  private void follow(ProcessId process, Cell cell, Version version) {
    Optional<Seen> seen = of(Optional.of(process), cell);
    // Who writes what is there has still been told of that by a rejection.
    if (seen.isEmpty() || !seen.get().version().equals(version)) {
      put(process, cell, Seen.of(version, seen.map(Seen::read).orElse(false)));
    }
  }

  private boolean isKnownToOthers(ProcessId process, Cell cell) {
    return byProcess.entrySet().stream()
        .anyMatch(entry -> !entry.getKey().equals(process) && entry.getValue().containsKey(cell));
  }

  void forget(ProcessId process, Cell cell) {
    byProcess.computeIfPresent(
        process,
        (p, cells) -> {
          if (cells.remove(cell) != null) {
            size.decrementAndGet();
          }
          return cells.isEmpty() ? null : cells;
        });
  }

  /** A process has appended to a version: it has seen the next if it had seen that, or none. */
  void appended(ProcessId process, Cell cell, Version before, Version now) {
    Optional<Seen> seen = of(Optional.of(process), cell);
    if (seen.isEmpty() || seen.get().version().equals(before)) {
      saved(process, cell, Set.of(before), now);
    }
  }

  /** Whether other processes have seen the cell, so that they want to know who changes it. */
  boolean isKnownToOthers(Optional<ProcessId> process, Cell cell) {
    return process.isPresent() && isKnownToOthers(process.get(), cell);
  }

  /** Who started a process and has seen a cell. */
  List<ProcessId> ancestorsWhoKnow(ProcessId process, Cell cell) {
    return isKnownToOthers(process, cell)
        ? processes.ancestorsOf(process).stream()
            .filter(ancestor -> of(Optional.of(ancestor), cell).isPresent())
            .toList()
        : List.of();
  }

  /**
   * A process has removed a cell: that is what it has seen then, if it has ever read it, and so is
   * it for those that started it.
   */
  void removed(Optional<ProcessId> process, Cell cell) {
    if (process.isPresent()) {
      ancestorsWhoKnow(process.get(), cell).forEach(ancestor -> seesItGone(ancestor, cell));
      seesItGone(process.get(), cell);
    }
  }

  /** A cell is gone, and a process knows that. */
  void seesItGone(ProcessId process, Cell cell) {
    if (of(Optional.of(process), cell).map(Seen::read).orElse(false)) {
      put(process, cell, Seen.of(Version.ABSENT, true));
    } else {
      forget(process, cell);
    }
  }

  /** A process has moved a cell's content: what it has seen of it moves along. */
  void moved(Optional<ProcessId> process, Cell from, Cell to) {
    if (process.isEmpty()) {
      return;
    }
    Optional<Seen> seen = of(process, from);
    removed(process, from);
    if (seen.isPresent()) {
      put(process.get(), to, seen.get());
    } else {
      forget(process.get(), to);
    }
  }

  /** A process has moved all keys below a stem: what it has seen of them moves along. */
  void movedBelow(Optional<ProcessId> process, Bytes fromStem, Bytes toStem) {
    if (process.isEmpty()) {
      return;
    }
    for (Cell cell : cellsBelow(process.get(), fromStem)) {
      moved(process, cell, withKey(cell, toStem.concat(cell.key().slice(fromStem.length()))));
    }
    for (ProcessId ancestor : processes.ancestorsOf(process.get())) {
      cellsBelow(ancestor, fromStem).forEach(cell -> forget(ancestor, cell));
    }
  }

  private List<Cell> cellsBelow(ProcessId process, Bytes stem) {
    Map<Cell, Seen> cells = byProcess.get(process);
    if (cells == null) {
      return List.of();
    }
    synchronized (cells) {
      return cells.keySet().stream().filter(cell -> cell.key().startsWith(stem)).toList();
    }
  }

  private static Cell withKey(Cell cell, Bytes key) {
    return cell instanceof Cell.FieldCell field ? Cell.field(key, field.field()) : Cell.string(key);
  }

  /** Forgets what processes saw that have ended. */
  void sweep() {
    for (ProcessId process : List.copyOf(byProcess.keySet())) {
      if (!processes.isAlive(process)) {
        byProcess.computeIfPresent(
            process,
            (p, cells) -> {
              size.addAndGet(-cells.size());
              return null;
            });
      }
    }
  }

  int size() {
    return size.get();
  }

  private void put(ProcessId process, Cell cell, Seen seen) {
    byProcess.compute(
        process,
        (p, known) -> {
          Map<Cell, Seen> cells =
              known == null ? Collections.synchronizedMap(new LinkedHashMap<>()) : known;
          synchronized (cells) {
            if (cells.remove(cell) == null) {
              size.incrementAndGet();
            }
            cells.put(cell, seen);
          }
          return cells;
        });
    while (size.get() > most) {
      forgetOldestOfLargest();
    }
  }

  /** So that a process that reads everything makes no editor forget its file. */
  private void forgetOldestOfLargest() {
    ProcessId largest = null;
    int cellsOfLargest = 0;
    for (Map.Entry<ProcessId, Map<Cell, Seen>> entry : byProcess.entrySet()) {
      if (entry.getValue().size() > cellsOfLargest) {
        largest = entry.getKey();
        cellsOfLargest = entry.getValue().size();
      }
    }
    if (largest == null) {
      return;
    }
    byProcess.computeIfPresent(
        largest,
        (p, cells) -> {
          synchronized (cells) {
            Iterator<Cell> oldest = cells.keySet().iterator();
            if (oldest.hasNext()) {
              oldest.next();
              oldest.remove();
              size.decrementAndGet();
            }
          }
          return cells.isEmpty() ? null : cells;
        });
  }
}
