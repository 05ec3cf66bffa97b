package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Something that a transaction must know of the server's keys before it can be turned into
 * commands.
 *
 * @param <T> what the answer is
 */
sealed interface Fact<T> {

  /** The one command whose reply tells it. */
  CommandArguments question(Scripts scripts);

  /**
   * What the reply says; empty if the question must be put again.
   *
   * @throws JedisDataException if the server refused to tell
   */
  Optional<T> answer(Object reply, Scripts scripts);

  /** The four words by which the script {@code apply.lua} checks that the fact still holds. */
  List<Object> check(T answer);

  /** The type of a key, as a word of the command TYPE. */
  record TypeOf(Bytes key) implements Fact<String> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return command(Command.TYPE, key);
    }

    @Override
    public Optional<String> answer(Object reply, Scripts scripts) {
      return Optional.of(KeyTypes.word(requireAnswer(reply)));
    }

    @Override
    public List<Object> check(String word) {
      return List.of("type", key, "", word);
    }
  }

  /** Whether a string is no longer than so many bytes. */
  record Fits(Bytes key, long bytes) implements Fact<Boolean> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return command(Command.STRLEN, key);
    }

    @Override
    public Optional<Boolean> answer(Object reply, Scripts scripts) {
      return Optional.of(numberOrNone(reply) <= bytes);
    }

    @Override
    public List<Object> check(Boolean fits) {
      return List.of("fits", key, bytes, fits ? "1" : "0");
    }
  }

  /** How many fields a hash has. */
  record FieldCount(Bytes key) implements Fact<Long> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return command(Command.HLEN, key);
    }

    @Override
    public Optional<Long> answer(Object reply, Scripts scripts) {
      return Optional.of(numberOrNone(reply));
    }

    @Override
    public List<Object> check(Long count) {
      return List.of("count", key, "", count);
    }
  }

  /** Whether a hash has a field. */
  record Presence(Bytes key, Bytes field) implements Fact<Boolean> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return command(Command.HEXISTS, key, field);
    }

    @Override
    public Optional<Boolean> answer(Object reply, Scripts scripts) {
      return Optional.of(numberOrNone(reply) == 1);
    }

    @Override
    public List<Object> check(Boolean present) {
      return List.of("present", key, field, present ? "1" : "0");
    }
  }

  /** The version of a cell, and the content if it is small. */
  record VersionOf(Cell cell) implements Fact<Observation> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return scripts.permitted() ? Observation.byScript(cell, scripts) : content(cell);
    }

    @Override
    public Optional<Observation> answer(Object reply, Scripts scripts) {
      return Observation.of(reply, scripts);
    }

    @Override
    public List<Object> check(Observation observation) {
      return checkVersion(cell, observation.version());
    }
  }

  /** The whole content of a cell, if it exists. */
  record ContentOf(Cell cell) implements Fact<Observation> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return content(cell);
    }

    @Override
    public Optional<Observation> answer(Object reply, Scripts scripts) {
      return Observation.of(reply, scripts);
    }

    @Override
    public List<Object> check(Observation observation) {
      return checkVersion(cell, observation.version());
    }
  }

  /** What a mark holds, if it is there. */
  record MarkAt(Bytes key) implements Fact<Observation> {
    @Override
    public CommandArguments question(Scripts scripts) {
      return content(Cell.string(key));
    }

    @Override
    public Optional<Observation> answer(Object reply, Scripts scripts) {
      return Observation.of(reply, scripts);
    }

    @Override
    public List<Object> check(Observation observation) {
      return checkVersion(Cell.string(key), observation.version());
    }
  }

  /** The command that reads a cell. */
  static CommandArguments content(Cell cell) {
    return cell instanceof Cell.FieldCell field
        ? command(Command.HGET, field.key(), field.field())
        : command(Command.GET, cell.key());
  }

  private static List<Object> checkVersion(Cell cell, Version version) {
    return cell instanceof Cell.FieldCell field
        ? List.of("field", field.key(), field.field(), version.toString())
        : List.of("string", cell.key(), "", version.toString());
  }

  /**
   * A number; zero where the key holds another type, which a {@link TypeOf} tells: whoever needs
   * the number has asked for the type too.
   */
  private static long numberOrNone(Object reply) {
    return ErrorReplies.isWrongType(reply) ? 0 : (Long) requireAnswer(reply);
  }

  /** The reply, unless it is an error. */
  static Object requireAnswer(Object reply) {
    if (reply instanceof JedisDataException error) {
      throw error;
    }
    return reply;
  }
}
