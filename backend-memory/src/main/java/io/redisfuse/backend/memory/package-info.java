/**
 * The SPI in memory, for tests, demos and offline work.
 *
 * <p>{@link io.redisfuse.backend.memory.MemoryBackend} is the door. Behind it the whole keyspace is
 * one immutable value: readers take it as it is and never wait; a commit makes the next one and
 * puts it in place. Imports {@code io.redisfuse.api} and the JDK.
 */
package io.redisfuse.backend.memory;
