package io.redisfuse.frontend.files;

/** What is known of the processes that use the mount, by the ids of their threads. */
public interface Processes {

  /** Whether two threads belong to one process. True if it cannot be known. */
  boolean areOne(int thread, int other);

  /** Whether two threads belong to one process. False if it cannot be known. */
  boolean areSurelyOne(int thread, int other);

  /**
   * Whether the process of a thread has a descriptor of the file with this inode. False if it
   * cannot be known.
   */
  boolean hasOpen(int thread, long inode);
}
