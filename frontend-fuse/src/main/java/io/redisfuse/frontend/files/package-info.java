/**
 * The file rules: open, read, write, save, rename. Works on nodes, not on paths, and knows no
 * native library, so that any FUSE binding can sit on it.
 *
 * <p>May import {@code tree}, {@code names} and the SPI; nothing of {@code fuse}.
 */
package io.redisfuse.frontend.files;
