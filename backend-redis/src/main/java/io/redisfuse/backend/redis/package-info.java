/**
 * The SPI on Redis, spoken to through Jedis: one server, the one that sentinels name, or a cluster.
 *
 * <p>Imports the JDK, {@code io.redisfuse.api}, Jedis, resilience4j and SLF4J, and no other part of
 * redisfuse.
 */
package io.redisfuse.backend.redis;
