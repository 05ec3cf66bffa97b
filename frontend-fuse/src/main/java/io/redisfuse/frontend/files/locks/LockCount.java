package io.redisfuse.frontend.files.locks;

/**
 * How many locks there are.
 *
 * @param held a range that an owner has locked in several steps may be one or several
 * @param waiting who waits for one
 */
public record LockCount(int held, int waiting) {}
