/**
 * What exists: the live index of keys and directories, filled by one scan and kept alive by the
 * change feed.
 *
 * <p>Imports only {@code io.redisfuse.api}, {@code io.redisfuse.frontend.names} and slf4j. Knows
 * nothing of files: which keys are shown, and as what, is for others to say.
 */
package io.redisfuse.frontend.tree;
