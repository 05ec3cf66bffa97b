package io.redisfuse.frontend.files;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Processes as a test says. Each thread is a process of its own, unless it is said otherwise. */
final class FakeProcesses implements Processes {

  /** The processes of threads that are not processes of their own. */
  private final Map<Integer, Integer> processes = new HashMap<>();

  private final Map<Integer, Integer> parents = new HashMap<>();
  private final Map<Integer, String> programs = new HashMap<>();

  /** When processes were started whose numbers others had before them. */
  private final Map<Integer, Long> starts = new HashMap<>();

  private final Set<ProcessId> ended = new HashSet<>();

  /** Threads that still have a descriptor of whatever they are asked about. */
  final Set<Integer> holding = new HashSet<>();

  /** The names of files that processes are writing in other file systems. */
  final Map<Integer, String> writing = new HashMap<>();

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
    ended.add(id(process));
  }

  /** The process is gone, and another one has its number. */
  synchronized void reuse(int process) {
    end(process);
    starts.merge(process, 1L, Long::sum);
    parents.remove(process);
  }

  private ProcessId id(int process) {
    return new ProcessId(process, starts.getOrDefault(process, 0L));
  }

  @Override
  public synchronized Optional<ProcessId> of(int thread) {
    return thread <= 0 ? Optional.empty() : Optional.of(id(processes.getOrDefault(thread, thread)));
  }

  @Override
  public synchronized boolean isAlive(ProcessId process) {
    return process.equals(id(process.number())) && !ended.contains(process);
  }

  @Override
  public synchronized Optional<ProcessId> parentOf(ProcessId process) {
    return Optional.ofNullable(parents.get(process.number())).map(this::id);
  }

  @Override
  public synchronized String programOf(ProcessId process) {
    return programs.getOrDefault(process.number(), "test");
  }

  @Override
  public synchronized boolean hasOpen(ProcessId process, long inode) {
    return holding.contains(process.number());
  }

  @Override
  public synchronized boolean isWriting(ProcessId process, Predicate<String> name) {
    return Optional.ofNullable(writing.get(process.number())).filter(name).isPresent();
  }
}
