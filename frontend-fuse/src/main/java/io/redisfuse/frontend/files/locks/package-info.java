/**
 * The locks that programs take of files: {@code fcntl(2)}'s of ranges, and {@code flock(2)}'s of
 * whole files. Knows nothing of files but the numbers of their nodes, and the cells that other
 * mounts know them by; imports the api alone.
 */
package io.redisfuse.frontend.files.locks;
