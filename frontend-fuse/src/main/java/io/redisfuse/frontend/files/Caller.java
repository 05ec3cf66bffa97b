package io.redisfuse.frontend.files;

/**
 * Who asks.
 *
 * @param thread the id of the calling thread as the kernel gives it in a FUSE request ({@code
 *     pid}), 0 if unknown
 */
public record Caller(int thread, int user, int group) {}
