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
 * @param fleeting whether the next answer may be another, so that this one must not be kept
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
    boolean fleeting) {

  /** As long as a file is open, its size may be another one for another handle. */
  Attributes whileOpen() {
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
        /* fleeting= */ true);
  }
}
