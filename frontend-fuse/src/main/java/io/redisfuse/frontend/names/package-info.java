/**
 * Keys to paths and back: the only place that knows the delimiter, the dot before a field and the
 * escapes. Pure functions over bytes; nothing here asks a backend or keeps state.
 *
 * <p>Imports {@code io.redisfuse.api} and the JDK.
 */
package io.redisfuse.frontend.names;
