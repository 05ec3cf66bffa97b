/**
 * The FUSE protocol of the Linux kernel, spoken on the descriptor of a mount: structures, requests,
 * replies, and the threads that serve them.
 *
 * <p>All structures and numbers are those of {@code linux/fuse.h} (version 7.38, readable since
 * 7.31). Imports {@code files}, the SPI's {@code Bytes}, jnr and slf4j.
 */
package io.redisfuse.frontend.fuse.kernel;
