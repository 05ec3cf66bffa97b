package io.redisfuse.frontend.files;

import java.time.Instant;

/**
 * What {@code stat} says of a node.
 *
 * @param node the node's number, by which all operations name it; never used again for another node
 *     while the mount lives
 * @param inode the number that programs see; no two nodes have the same at the same time
 * @param permissions the lower 12 bits of the mode
 * @param size bytes
 * @param validNanos for how long this may be relied on, unless a {@link KernelCache} is told
 *     otherwise: {@link #UNTIL_TOLD}, or a number of nanoseconds; 0 if the next answer may be
 *     another
 */
public record Attributes(
    long node,
    long inode,
    FileKind kind,
    int permissions,
    int links,
    int owner,
    int group,
    long size,
    Instant accessed,
    Instant modified,
    Instant changed,
    long validNanos) {

  /** For as long as no {@link KernelCache} is told otherwise. */
  public static final long UNTIL_TOLD = Long.MAX_VALUE;

  /** The same, to be relied on for so long, and for no longer than it was before. */
  public Attributes validFor(long nanos) {
    return new Attributes(
        node,
        inode,
        kind,
        permissions,
        links,
        owner,
        group,
        size,
        accessed,
        modified,
        changed,
        Math.min(nanos, validNanos));
  }

  /** The same, which may be otherwise the next time. */
  Attributes fleeting() {
    return validFor(0);
  }
}
