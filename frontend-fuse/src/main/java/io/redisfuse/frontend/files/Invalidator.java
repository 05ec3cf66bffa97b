package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;

/**
 * Hears what a binding, and the kernel behind it, may not rely on any more. Returns at once, and
 * calls nothing of the {@link FileSystem}: it may be called with locks held that requests wait for.
 */
public interface Invalidator {

  /** What was said of a node, and what was read of it, does not count any more. */
  void invalidate(long node);

  /**
   * What a name stood for does not count any more; nor, if the node is not 0, what was said of that
   * and read of it.
   */
  void invalidate(long parent, Bytes name, long node);
}
