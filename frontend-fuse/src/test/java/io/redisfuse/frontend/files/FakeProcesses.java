package io.redisfuse.frontend.files;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Processes as a test says. Each thread is a process of its own, unless it is said otherwise. */
final class FakeProcesses implements Processes {

  /** The processes of threads that are not processes of their own. */
  private final Map<Integer, Integer> processes = new HashMap<>();

  private final Map<Integer, Integer> parents = new HashMap<>();
  private final Map<Integer, String> programs = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();

  /** Threads that still have a descriptor of whatever they are asked about. */
  final Set<Integer> holding = new HashSet<>();

  synchronized void thread(int thread, int process) {
    processes.put(thread, process);
  }

  synchronized void child(int process, int parent) {
    parents.put(process, parent);
  }

  synchronized void program(int process, String name) {
    programs.put(process, name);
  }

  /** The process is gone. */
  synchronized void end(int process) {
    ended.add(process);
  }

  @Override
  public synchronized Optional<ProcessId> of(int thread) {
    return thread <= 0
        ? Optional.empty()
        : Optional.of(new ProcessId(processes.getOrDefault(thread, thread), 0));
  }

  @Override
  public synchronized boolean isAlive(ProcessId process) {
    return !ended.contains(process.number());
  }

  @Override
  public synchronized Optional<ProcessId> parentOf(ProcessId process) {
    return Optional.ofNullable(parents.get(process.number())).map(p -> new ProcessId(p, 0));
  }

  @Override
  public synchronized String programOf(ProcessId process) {
    return programs.getOrDefault(process.number(), "test");
  }

  @Override
  public synchronized boolean hasOpen(ProcessId process, long inode) {
    return holding.contains(process.number());
  }
}
