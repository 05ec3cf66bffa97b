/**
 * Benchmarks of how a mount follows a large keyspace and one that changes fast, beside bare loops
 * of Jedis on the same server in the same run. Started by {@code ./bench live}. Imports nothing of
 * redisfuse: daemons are processes of their own, as users start them.
 */
package io.redisfuse.it.bench.live;
