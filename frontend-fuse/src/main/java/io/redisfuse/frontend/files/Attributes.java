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
    Instant changed) {}
