/**
 * Benchmarks of a mount beside other file systems and raw Redis calls, in one run: what counts are
 * the ratios. Started by {@code ./bench}, which sets up what is measured. Imports nothing of
 * redisfuse.
 */
package io.redisfuse.it.bench;
