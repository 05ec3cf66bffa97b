package io.redisfuse.frontend.files.locks;

import java.util.Set;

/**
 * Who has written what is to be saved.
 *
 * @param handles through which it was written
 * @param processes who did, by their numbers
 */
public record Writers(Set<Long> handles, Set<Integer> processes) {

  public Writers {
    handles = Set.copyOf(handles);
    processes = Set.copyOf(processes);
  }

  /** Whether one of them took a lock. */
  boolean have(Lock lock) {
    return handles.contains(lock.handle()) || processes.contains(lock.process());
  }
}
