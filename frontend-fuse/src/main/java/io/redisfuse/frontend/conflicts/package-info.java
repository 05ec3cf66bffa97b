/**
 * Texts that could not be saved, or that were overwritten, kept on this machine so that nobody's
 * work is lost.
 *
 * <p>May import the SPI; nothing of {@code names}, {@code tree}, {@code files} or {@code fuse}.
 */
package io.redisfuse.frontend.conflicts;
