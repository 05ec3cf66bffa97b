package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Durability;
import io.redisfuse.api.RefusedException;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Waits until what was committed is on replicas or on disk. WAIT and WAITAOF count what their own
 * connection has written, so a tiny write goes before them: what covers it covers all before it.
 */
final class Durabilities {

  /** The name of what is written so that there is something to wait for. */
  static final String SYNC_KEY = ".redisfuse:sync";

  private static final long SYNC_KEY_MILLIS = 10_000;

  /** So much later than the server gives up its answer may come: it looks at its clock rarely. */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  /**
   * What a server answered.
   *
   * @param era which server that was
   */
  private record Answer(Object reply, int era) {}

  private final Calls calls;
  private final Connections connections;
  private final Bytes key;

  /**
   * @param key what is written, so that there is something to wait for
   */
  Durabilities(Calls calls, Connections connections, Bytes key) {
    this.key = key;
    this.calls = calls;
    this.connections = connections;
  }

  void sync(Durability durability) {
    Deadline deadline = calls.deadline();
    if (durability instanceof Durability.Replicas replicas) {
      Long count = (Long) answer(deadline, "wait for replicas", Command.WAIT, replicas.count());
      if (count < replicas.count()) {
        throw late(count + " of " + replicas.count() + " replicas");
      }
    } else if (durability instanceof Durability.AppendOnlyFile) {
      List<?> counts = (List<?>) answer(deadline, "wait for its disk", Command.WAITAOF, 1, 0);
      if ((Long) counts.get(0) < 1) {
        throw late("not its append-only file");
      }
    }
  }

  private Object answer(Deadline deadline, String doing, Command command, Object... arguments) {
    try {
      Answer answer = ask(deadline, doing, command, arguments);
      boolean isSettled = connections.awaitSettled(deadline.later(MARGIN));
      if (!connections.isCurrent(answer.era())) {
        throw replaced(calls.address());
      }
      if (!isSettled) {
        throw leaving();
      }
      return answer.reply();
    } catch (BackendUnavailableException e) {
      throw e.getCause() == null ? e : unconfirmed(e);
    }
  }

  private Answer ask(Deadline deadline, String doing, Command command, Object... arguments) {
    return calls.repeat(
        doing,
        wire -> {
          wire.begin(deadline.later(MARGIN));
          CommandArguments question = command(command, arguments).add(deadline.millisLeft());
          List<Object> replies =
              wire.ask(
                  List.of(
                      command(Command.SET, key, Bytes.EMPTY, Keyword.PX, SYNC_KEY_MILLIS),
                      question));
          Fact.requireAnswer(replies.get(0));
          if (!connections.unsynced().take(wire.era())) {
            throw replaced(calls.address());
          }
          if (replies.get(1) instanceof JedisDataException error) {
            throw refusal(error);
          }
          return new Answer(replies.get(1), wire.era());
        });
  }

  private RuntimeException refusal(JedisDataException error) {
    return ErrorReplies.isWithoutAppendOnlyFile(error)
        ? new RefusedException(
            RefusedException.Reason.UNSUPPORTED,
            "Redis at "
                + calls.address()
                + " keeps no append-only file; turn it on with CONFIG SET appendonly yes.",
            error)
        : error;
  }

  /** That what a server had applied may be lost with it. */
  static BackendUnavailableException replaced(String address) {
    return new BackendUnavailableException(
        "What was committed was applied by a server that another one has replaced since, at "
            + address
            + ", so it may be lost; look, and save again.",
        /* cause= */ null);
  }

  private BackendUnavailableException leaving() {
    return new BackendUnavailableException(
        "What was committed was applied by a server of which the sentinels do not say that it stays"
            + " the master, at "
            + calls.address()
            + ", so it may be lost; look, and save again.",
        /* cause= */ null);
  }

  /** That the server has gone before it said anything of what it had applied. */
  private static BackendUnavailableException unconfirmed(BackendUnavailableException e) {
    return new BackendUnavailableException(
        "What was committed was applied, but nobody has confirmed it, so it may be lost; look, and"
            + " save again: "
            + e.getMessage(),
        e);
  }

  private BackendUnavailableException late(String who) {
    return new BackendUnavailableException(
        "What was committed to Redis at "
            + calls.address()
            + " is applied, but within the time limit "
            + who
            + " confirmed it.",
        /* cause= */ null);
  }
}
