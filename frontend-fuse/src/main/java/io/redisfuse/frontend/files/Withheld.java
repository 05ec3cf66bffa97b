package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Names that processes have taken away and that the backend still has: whoever takes a file's name
 * away and gives it again has saved the file, and no reader of the backend is to find it gone in
 * between.
 *
 * <p>Here such a name is gone at once. What becomes of it in the backend is settled when it is
 * given again, when its process has ended, or after a while.
 *
 * <p>Safe for threads. An entry is busy while somebody settles it; others who need it wait.
 */
final class Withheld {

  /** What becomes of the key if the name is not given again. */
  enum Fate {
    /** It gets the name of the scratch file that shows it now. */
    RENAME,
    /** It is removed. */
    REMOVE,
    /** It stays: the process only wants to put an older text in its place. */
    STAY
  }

  /**
   * A name that is taken away.
   *
   * @param version what the cell held then
   * @param ancestors who started the process and has seen the cell
   * @param file who has it open sees what it held then
   * @param backup the scratch file that it was renamed to, if it was
   */
  record Entry(
      Bytes stem,
      Bytes name,
      Cell cell,
      Version version,
      ProcessId process,
      List<ProcessId> ancestors,
      Instant since,
      Fate fate,
      Optional<FileNode> file,
      Optional<ScratchNode> backup) {}

  private record Name(Bytes stem, Bytes name) {}

  private static final class Place {
    private final Entry entry;
    private boolean busy;

    private Place(Entry entry) {
      this.entry = entry;
    }
  }

  private final Consumer<Bytes> changed;

  /** Guarded by this. */
  private final Map<Name, Place> places = new HashMap<>();

  /**
   * @param changed told of the stems of directories in which something else is listed now
   */
  Withheld(Consumer<Bytes> changed) {
    this.changed = changed;
  }

  synchronized boolean isEmpty() {
    return places.isEmpty();
  }

  synchronized List<Entry> all() {
    return places.values().stream().map(place -> place.entry).toList();
  }

  synchronized Optional<Entry> find(Bytes stem, Bytes name) {
    return Optional.ofNullable(places.get(new Name(stem, name))).map(place -> place.entry);
  }

  /** The name is taken away from now on. */
  synchronized void add(Entry entry) {
    places.put(new Name(entry.stem(), entry.name()), new Place(entry));
    changed.accept(entry.stem());
  }

  /**
   * Makes the caller the one who settles an entry.
   *
   * @return whether he is; not if somebody else has settled it
   */
  synchronized boolean claim(Entry entry) {
    Name name = new Name(entry.stem(), entry.name());
    boolean interrupted = false;
    try {
      while (true) {
        Place place = places.get(name);
        if (place == null || !place.entry.equals(entry)) {
          return false;
        }
        if (!place.busy) {
          place.busy = true;
          return true;
        }
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A claimed entry is settled. */
  synchronized void settled(Entry entry) {
    places.remove(new Name(entry.stem(), entry.name()));
    changed.accept(entry.stem());
    notifyAll();
  }

  /** A claimed entry could not be settled now. */
  synchronized void giveBack(Entry entry) {
    places.get(new Name(entry.stem(), entry.name())).busy = false;
    notifyAll();
  }
}
