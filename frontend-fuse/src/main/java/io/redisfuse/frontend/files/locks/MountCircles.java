package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Circles of those who wait for each other in several mounts. Each mount tells the others who waits
 * in it, while somebody does, and looks from time to time whether one of its own waits, through
 * whomever, for himself.
 *
 * <p>What is read of different mounts is of different moments. So a circle is one only if it is
 * found again with the very same waits: all of them were there at the moment between. Of a circle
 * one gives up, on whom all of its mounts agree.
 *
 * <p>Of one thread.
 */
final class MountCircles {

  private final Backend backend;
  private final String mount;
  private final Duration life;

  /** What others were told last. */
  private Waits told = Waits.NONE;

  /** Somebody of some mount. */
  private record Party(String mount, long owner) implements Comparable<Party> {
    @Override
    public int compareTo(Party other) {
      int byMount = mount.compareTo(other.mount);
      return byMount != 0 ? byMount : Long.compare(owner, other.owner);
    }
  }

  /** One waits for another. */
  private record Step(Party who, long number, Party whom) {}

  /**
   * @param life how long others believe what they were told last
   */
  MountCircles(Backend backend, String mount, Duration life) {
    this.backend = backend;
    this.mount = mount;
    this.life = life;
  }

  /**
   * Tells others who waits here, and looks for circles.
   *
   * @return the numbers of those who must give up
   * @throws BackendException if the store cannot be asked
   */
  Set<Long> look(Waits here) {
    tell(here);
    Set<Long> doomed = new HashSet<>();
    for (Waits.Line line : here.lines()) {
      Optional<Set<Step>> circle = circle(here, line);
      if (circle.isPresent()
          && leavesHere(circle.get())
          && isLast(line, circle.get())
          && circle(here, line).equals(circle)) {
        doomed.add(line.number());
      }
    }
    return doomed;
  }

  private void tell(Waits here) {
    Cell.StringCell key = Waits.keyOf(mount);
    if (!here.lines().isEmpty()) {
      backend.commit(
          Transaction.builder()
              .put(key, here.text())
              .change(new Change.Expire(key.key(), Optional.of(life)))
              .build());
    } else if (!told.lines().isEmpty()) {
      backend.commit(Transaction.of(new Change.DeleteKey(key.key())));
    }
    told = here;
  }

  /** Those that do not are found at once, and otherwise. */
  private boolean leavesHere(Set<Step> circle) {
    return circle.stream().anyMatch(step -> !step.whom().mount().equals(mount));
  }

  private boolean isLast(Waits.Line line, Set<Step> circle) {
    Party self = new Party(mount, line.wanted().owner());
    return circle.stream().allMatch(step -> step.who().compareTo(self) <= 0);
  }

  /** The steps by which somebody here waits for himself, by what is read now; if he does. */
  private Optional<Set<Step>> circle(Waits here, Waits.Line line) {
    return new Search(here).from(line);
  }

  /** One look at what all mounts say. */
  private final class Search {

    private final Map<String, Waits> waits = new HashMap<>();
    private final Map<Cell, LockTable> tables = new HashMap<>();
    private final Set<Party> seen = new HashSet<>();
    private final List<Step> path = new ArrayList<>();

    Search(Waits here) {
      waits.put(mount, here);
    }

    Optional<Set<Step>> from(Waits.Line line) {
      Party self = new Party(mount, line.wanted().owner());
      return leads(self, line, self) ? Optional.of(Set.copyOf(path)) : Optional.empty();
    }

    /** Whether who waits so waits for somebody, directly or not; the path is then how. */
    private boolean leads(Party who, Waits.Line line, Party self) {
      LockTable table = tables.computeIfAbsent(line.table(), cell -> read(cell, LockTable::of));
      for (LockTable.Line held : table.lines()) {
        Party whom = new Party(held.mount(), held.lock().owner());
        if (whom.equals(who) || !held.lock().clashes(line.wanted())) {
          continue;
        }
        path.add(new Step(who, line.number(), whom));
        if (whom.equals(self)) {
          return true;
        }
        if (seen.add(whom)) {
          for (Waits.Line next : waitsOf(whom.mount()).of(whom.owner())) {
            if (leads(whom, next, self)) {
              return true;
            }
          }
        }
        path.remove(path.size() - 1);
      }
      return false;
    }

    private Waits waitsOf(String other) {
      return waits.computeIfAbsent(
          other, name -> MountCircles.this.read(Waits.keyOf(name), Waits::of, Waits.NONE));
    }

    private LockTable read(Cell cell, Function<Bytes, LockTable> reading) {
      return MountCircles.this.read(cell, reading, LockTable.EMPTY);
    }
  }

  private <T> T read(Cell cell, Function<Bytes, T> reading, T none) {
    Optional<Snapshot> found = backend.read(cell);
    try {
      return found.map(Snapshot::content).map(reading).orElse(none);
    } catch (IllegalArgumentException e) {
      // Whoever takes a lock there says so.
      return none;
    }
  }
}
