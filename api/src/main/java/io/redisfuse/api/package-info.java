/**
 * The SPI: what a backend is, at the height of Redis' own data. A backend holds no file rules.
 *
 * <p>Imports nothing but the JDK. Every implementation passes {@code BackendContract}, which lives
 * in this module's test-jar.
 */
package io.redisfuse.api;
