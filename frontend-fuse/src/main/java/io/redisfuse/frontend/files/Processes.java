package io.redisfuse.frontend.files;

import java.util.Optional;

/** What is known of the processes that use the mount. Safe for threads. */
public interface Processes {

  /** The process of a thread, or empty if it cannot be known: it has gone, or is hidden. */
  Optional<ProcessId> of(int thread);

  /** Whether a process is there, rather than gone or only waiting for its parent to notice. */
  boolean isAlive(ProcessId process);

  /** The process that started this one or, if that has gone, the one that adopted it. */
  Optional<ProcessId> parentOf(ProcessId process);

  /** The name of the program that a process runs, as {@code ps -o comm} shows it, or nothing. */
  String programOf(ProcessId process);

  /** Whether a process has a descriptor of the file with this inode; false if nobody knows. */
  boolean hasOpen(ProcessId process, long inode);

  /** Whether a process was started by the other one, directly or not, as far as that is known. */
  default boolean descends(ProcessId process, ProcessId ancestor) {
    Optional<ProcessId> parent = parentOf(process);
    // A chain of parents is short; the bound is against one that changes while it is followed.
    for (int generation = 0; parent.isPresent() && generation < 64; generation++) {
      if (parent.get().equals(ancestor)) {
        return true;
      }
      parent = parentOf(parent.get());
    }
    return false;
  }

  /** Whether two processes are one, or one descends from the other. */
  default boolean areKin(ProcessId process, ProcessId other) {
    return process.equals(other) || descends(process, other) || descends(other, process);
  }
}
