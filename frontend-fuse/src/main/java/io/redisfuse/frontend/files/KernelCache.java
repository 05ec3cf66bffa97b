package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.time.Duration;

/**
 * What the kernel, behind a binding, keeps of the file system. Hears what does not count any more,
 * and takes what is at hand.
 */
public interface KernelCache {

  /**
   * What was said of a node, and what was read of it, does not count any more. Returns at once, and
   * calls nothing of the {@link FileSystem}, since it may be called with locks held that requests
   * wait for.
   */
  void invalidate(long node);

  /** What was said of a node does not count any more. Otherwise as {@link #invalidate(long)}. */
  void invalidateAttributes(long node);

  /** How often the kernel was told to let go of all names at once. */
  long epoch();

  /**
   * What a name stood for does not count any more; nor, if the node is not 0, what was said of that
   * and read of it. Returns at once, as {@link #invalidate(long)}.
   */
  void invalidate(long parent, Bytes name, long node);

  /**
   * Whether nothing of a node was let go of a moment ago, nor is about to be. Else the kernel may
   * have ignored what it was told of the file's size since, as older than that.
   */
  boolean isSettled(long node);

  /**
   * Waits until the kernel has let go of all that does not count any more by now; but not, of a
   * file that is read or written all the time, of what was read of it.
   *
   * @return whether it has; not so after {@code bound}
   */
  boolean catchUp(Duration bound) throws InterruptedException;

  /**
   * Takes all of the content of a file that is being opened for the first time, so that it need not
   * be read. Returns whether it did. The kernel may wait for reads and writes of the file that are
   * on their way, of which there are none.
   */
  boolean store(long node, Bytes content);
}
