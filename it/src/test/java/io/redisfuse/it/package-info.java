/**
 * The whole of redisfuse as its users meet it: the daemon's jar in a process of its own, a real
 * kernel mount, a real {@code redis-server}, and the programs that people use on files.
 *
 * <p>Talks to the daemon through its command line, signals and streams only; of redisfuse's own
 * classes it may import those of {@code api} and the test fixtures of {@code backend-redis}.
 */
package io.redisfuse.it;
