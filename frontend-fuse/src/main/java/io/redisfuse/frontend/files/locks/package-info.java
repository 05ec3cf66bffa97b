/**
 * The locks that programs take of files: {@code fcntl(2)}'s of ranges, and {@code flock(2)}'s of
 * whole files. Knows nothing of files but their nodes' numbers; imports nothing.
 */
package io.redisfuse.frontend.files.locks;
