/**
 * The daemon: its command line, the checks before it mounts, the wiring of one frontend to one
 * backend, and its life from start to exit.
 *
 * <p>May import everything. It is the only package that knows Dagger and picocli; a new backend is
 * a module with one binding beside {@link io.redisfuse.daemon.MemoryBackendModule}, named in {@link
 * io.redisfuse.daemon.DaemonComponent}.
 */
package io.redisfuse.daemon;
