package io.redisfuse.frontend.files;

import java.util.HashSet;
import java.util.Set;

/** Processes as a test says; each thread is a process of its own. */
final class FakeProcesses implements Processes {

  /** Threads that still have a descriptor of whatever they are asked about. */
  final Set<Integer> holding = new HashSet<>();

  @Override
  public boolean areOne(int thread, int other) {
    return thread == other;
  }

  @Override
  public boolean areSurelyOne(int thread, int other) {
    return thread == other;
  }

  @Override
  public boolean hasOpen(int thread, long inode) {
    return holding.contains(thread);
  }
}
