package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * How often the server was told to SWAPDB, which no message tells: whoever asks twice and gets two
 * numbers knows that there was one, be it of other databases.
 */
final class Swaps {

  private static final byte[] LABEL = "\ncmdstat_swapdb:calls=".getBytes(US_ASCII);

  private Swaps() {}

  static CommandArguments question() {
    return Commands.command(Command.INFO, "commandstats");
  }

  /** The number in an answer to the question. There is no line for it before the first time. */
  static long count(byte[] answer) {
    int at = 0;
    int matched = 0;
    while (at < answer.length && matched < LABEL.length) {
      // A line feed is nowhere in the label but at its start, so a mismatch can begin no match
      // but there.
      matched = answer[at] == LABEL[matched] ? matched + 1 : answer[at] == LABEL[0] ? 1 : 0;
      at++;
    }
    long count = 0;
    for (; at < answer.length && answer[at] >= '0' && answer[at] <= '9'; at++) {
      count = count * 10 + (answer[at] - '0');
    }
    return count;
  }
}
