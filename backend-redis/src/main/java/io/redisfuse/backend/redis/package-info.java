/**
 * The SPI on Redis: one standalone server, spoken to through Jedis.
 *
 * <p>Imports the JDK, {@code io.redisfuse.api}, Jedis, resilience4j and SLF4J, and no other part of
 * redisfuse.
 */
package io.redisfuse.backend.redis;
