package io.redisfuse.frontend.files;

/**
 * What {@code statfs} says. A key store has no fixed size, so the blocks are a large round number.
 *
 * @param files keys that are known
 */
public record Capacity(int blockSize, long blocks, long free, long files, int nameBytes) {}
