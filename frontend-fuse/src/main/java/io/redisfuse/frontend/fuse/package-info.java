/**
 * The FUSE mount through libfuse 2: translation between the kernel's requests and {@code files},
 * without a file rule of its own.
 *
 * <p>Requests name files as {@code files} does, by nodes: this is libfuse's low-level interface,
 * called through jnr. Names are bytes all the way; nothing here decodes one.
 *
 * <p>Imports {@code files}, the SPI's {@code Bytes}, jnr (with jnr-fuse's structures) and slf4j.
 * Only this package knows a native library.
 */
package io.redisfuse.frontend.fuse;
