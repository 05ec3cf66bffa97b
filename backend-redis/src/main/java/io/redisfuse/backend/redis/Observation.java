package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;

/**
 * What a cell was seen to hold: its version, and its content unless that is large and stayed on the
 * server.
 */
record Observation(Version version, Optional<Bytes> content) {

  /** The largest content that comes along with the version. */
  private static final int SMALL_BYTES = 64 * 1024;

  /** The largest content that the server computes the digest of, while all others wait. */
  private static final int LARGE_BYTES = 4 * 1024 * 1024;

  static final Observation NOTHING = new Observation(Version.ABSENT, Optional.empty());

  static Observation of(Bytes content) {
    return new Observation(Version.of(content), Optional.of(content));
  }

  static CommandArguments byScript(Cell cell, Scripts scripts) {
    List<Object> arguments =
        cell instanceof Cell.FieldCell field
            ? List.of(SMALL_BYTES, LARGE_BYTES, field.field())
            : List.of(SMALL_BYTES, LARGE_BYTES);
    return scripts.call(Scripts.OBSERVE, List.of(cell.key()), arguments);
  }

  /** Whether the reply to the script says that it is better to read the cell. */
  static boolean isTooLarge(Object reply) {
    return reply instanceof List<?> parts && (Long) parts.get(0) == 2;
  }

  /**
   * What the reply to the script, or to GET or HGET, says; empty if the question must be put again.
   * A key of the wrong type holds no such cell. Not for one that {@link #isTooLarge}.
   */
  static Optional<Observation> of(Object reply, Scripts scripts) {
    if (reply instanceof byte[] content) {
      return Optional.of(of(Bytes.wrap(content)));
    }
    if (reply instanceof List<?> parts) {
      scripts.mustAskAgain(Scripts.OBSERVE, reply);
      byte[] bytes = (byte[]) parts.get(1);
      return Optional.of(
          (Long) parts.get(0) == 0
              ? of(Bytes.wrap(bytes))
              : new Observation(Version.ofSha1(new String(bytes, US_ASCII)), Optional.empty()));
    }
    if (reply == null || ErrorReplies.isWrongType(reply)) {
      return Optional.of(NOTHING);
    }
    if (scripts.mustAskAgain(Scripts.OBSERVE, reply)) {
      return Optional.empty();
    }
    Fact.requireAnswer(reply);
    throw new IllegalStateException("a reply of " + reply.getClass());
  }
}
