package io.redisfuse.frontend.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  /**
   * Whether a process has a file open for writing whose name, without directories, is such; false
   * if nobody knows.
   */
  boolean isWriting(ProcessId process, Predicate<String> name);

  /** Who started a process, who started that one, and so on, as far as that is known. */
  default List<ProcessId> ancestorsOf(ProcessId process) {
    List<ProcessId> ancestors = new ArrayList<>();
    Optional<ProcessId> parent = parentOf(process);
    // A chain of parents is short; the bound is against one that changes while it is followed.
    while (parent.isPresent() && ancestors.size() < 64) {
      ancestors.add(parent.get());
      parent = parentOf(parent.get());
    }
    return ancestors;
  }

  /** Whether a process was started by the other one, directly or not, as far as that is known. */
  default boolean descends(ProcessId descendant, ProcessId ancestor) {
    return ancestorsOf(descendant).contains(ancestor);
  }

  /** Whether two processes are one, or one descends from the other. */
  default boolean areKin(ProcessId one, ProcessId another) {
    return one.equals(another) || descends(one, another) || descends(another, one);
  }
}
