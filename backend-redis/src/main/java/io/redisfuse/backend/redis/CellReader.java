package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Range;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Reads cells. A string of up to 1 MiB comes with one command. A longer one comes in chunks while
 * the key is watched, so that the server is not kept from others, and again from the start if it
 * changed meanwhile; if that happens again and again, in one piece.
 */
final class CellReader {

  private static final int CHUNK_BYTES = LargeCells.CHUNK_BYTES;
  private static final int WATCHED_ROUNDS = 3;

  private final Calls calls;
  private final Scripts scripts;
  private final LargeCells large;

  CellReader(Calls calls, Scripts scripts, LargeCells large) {
    this.calls = calls;
    this.scripts = scripts;
    this.large = large;
  }

  Optional<Snapshot> read(Cell cell) {
    Collector collector = new Collector();
    try {
      return read(cell, collector)
          .map(version -> new Snapshot(Bytes.wrap(collector.content), version));
    } catch (IOException e) {
      throw new AssertionError("an array does not fail", e);
    }
  }

  Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    try {
      return calls.repeat(
          "read " + cell,
          wire -> {
            try {
              return read(wire, cell, sink);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  Version version(Cell cell) {
    return calls.repeat("read " + cell, wire -> version(wire, cell));
  }

  private Version version(Wire wire, Cell cell) {
    while (true) {
      Fact.VersionOf fact = new Fact.VersionOf(cell);
      Object reply = wire.ask(List.of(fact.question(scripts))).get(0);
      if (ErrorReplies.isWrongType(reply)) {
        throwWrongType(wire, cell);
      }
      if (Observation.isTooLarge(reply)) {
        try {
          return read(wire, cell, LargeCells.NOWHERE).orElse(Version.ABSENT);
        } catch (IOException e) {
          throw new AssertionError("nowhere does not fail", e);
        }
      }
      Optional<Observation> seen = fact.answer(reply, scripts);
      if (seen.isPresent()) {
        return seen.get().version();
      }
    }
  }

  Optional<Range> read(Cell cell, long offset, int length) {
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException("a range of " + length + " bytes at " + offset);
    }
    return calls.repeat(
        "read " + cell,
        wire ->
            cell instanceof Cell.FieldCell field
                ? range(wire, field, offset, length)
                : range(wire, cell, offset, length));
  }

  private Optional<Version> read(Wire wire, Cell cell, ContentSink sink) throws IOException {
    if (cell instanceof Cell.FieldCell) {
      return inOnePiece(wire, cell, sink);
    }
    byte[] head = (byte[]) askForString(wire, cell, LargeCells.getRange(cell, 0, CHUNK_BYTES));
    if (head.length == 0) {
      // Either the string is empty or there is none.
      return inOnePiece(wire, cell, sink);
    }
    if (head.length < CHUNK_BYTES) {
      Bytes content = Bytes.wrap(head);
      sink.start(head.length);
      sink.accept(content.asByteBuffer());
      return Optional.of(Version.of(content));
    }
    for (int round = 0; round < WATCHED_ROUNDS; round++) {
      wire.ask(List.of(wire.watch(List.of(cell.key())))).forEach(Fact::requireAnswer);
      Optional<Version> version = large.inChunks(wire, cell, sink);
      if (wire.isUnchanged() && version.isPresent()) {
        return version;
      }
    }
    return inOnePiece(wire, cell, sink);
  }

  private Optional<Version> inOnePiece(Wire wire, Cell cell, ContentSink sink) throws IOException {
    try {
      return large.inOnePiece(wire, cell, sink);
    } catch (JedisDataException e) {
      requireString(wire, cell, e);
      throw e;
    }
  }

  private Optional<Range> range(Wire wire, Cell cell, long offset, int length) {
    CommandArguments part =
        length == 0
            // GETRANGE has an inclusive end, and takes a negative one for the end of the string.
            ? command(Command.GETRANGE, cell.key(), 1, 0)
            : LargeCells.getRange(cell, offset, length);
    List<Object> replies =
        ofOneMoment(
            wire,
            cell.key(),
            List.of(command(Command.TYPE, cell.key()), command(Command.STRLEN, cell.key()), part));
    Optional<Type> type = KeyTypes.of(Fact.requireAnswer(replies.get(0)));
    if (type.isEmpty()) {
      return Optional.empty();
    }
    if (type.get() != Type.STRING) {
      throw new WrongTypeException(cell.key(), type.get());
    }
    return Optional.of(
        new Range(
            Bytes.wrap((byte[]) Fact.requireAnswer(replies.get(2))),
            (Long) Fact.requireAnswer(replies.get(1))));
  }

  /** A server that has no memory left lets nothing wait for EXEC, but still answers. */
  private static List<Object> ofOneMoment(Wire wire, Bytes key, List<CommandArguments> questions) {
    try {
      return wire.askAtOnce(questions);
    } catch (JedisDataException e) {
      if (!ErrorReplies.isOutOfMemory(e)) {
        throw e;
      }
    }
    List<CommandArguments> watched = new ArrayList<>(List.of(wire.watch(List.of(key))));
    watched.addAll(questions);
    List<Object> replies = wire.ask(watched);
    Fact.requireAnswer(replies.get(0));
    if (!wire.isUnchanged()) {
      throw new TryAgain(new IllegalStateException("the key " + key + " changed meanwhile"));
    }
    return replies.subList(1, replies.size());
  }

  /**
   * Redis cannot cut a field; a script could, but takes longer to copy it than to send it. So it
   * all comes, but only the part is kept.
   */
  private Optional<Range> range(Wire wire, Cell.FieldCell cell, long offset, int length) {
    Part part = new Part(offset, length);
    try {
      return inOnePiece(wire, cell, part).map(version -> part.range());
    } catch (IOException e) {
      throw new AssertionError("an array does not fail", e);
    }
  }

  private Object askForString(Wire wire, Cell cell, CommandArguments question) {
    Object reply = wire.ask(List.of(question)).get(0);
    requireString(wire, cell, reply);
    return reply;
  }

  private static void requireString(Wire wire, Cell cell, Object reply) {
    if (ErrorReplies.isWrongType(reply)) {
      throwWrongType(wire, cell);
    }
    Fact.requireAnswer(reply);
  }

  private static void throwWrongType(Wire wire, Cell cell) {
    Optional<Type> type = KeyTypes.of(wire.ask(command(Command.TYPE, cell.key())));
    Type needed = cell instanceof Cell.FieldCell ? Type.HASH : Type.STRING;
    if (type.isEmpty() || type.get() == needed) {
      throw new TryAgain(new IllegalStateException("the " + cell + " changed its type meanwhile"));
    }
    throw new WrongTypeException(cell.key(), type.get());
  }

  /** Keeps what comes. */
  private static final class Collector implements ContentSink {
    private byte[] content = new byte[0];
    private int at;

    @Override
    public void start(long size) {
      content = new byte[Math.toIntExact(size)];
      at = 0;
    }

    @Override
    public void accept(ByteBuffer part) {
      int count = part.remaining();
      part.get(content, at, count);
      at += count;
    }
  }

  /** Keeps a part of what comes. */
  private static final class Part implements ContentSink {
    private final long offset;
    private final int length;
    private long size;
    private long at;
    private ByteBuffer kept = ByteBuffer.allocate(0);

    private Part(long offset, int length) {
      this.offset = offset;
      this.length = length;
    }

    @Override
    public void start(long whole) {
      size = whole;
      at = 0;
      kept = ByteBuffer.allocate((int) Math.max(0, Math.min(length, whole - offset)));
    }

    @Override
    public void accept(ByteBuffer part) {
      int count = part.remaining();
      int skipped = (int) Math.max(0, Math.min(count, offset - at));
      int taken = Math.min(count - skipped, kept.remaining());
      kept.put(part.slice(part.position() + skipped, taken));
      at += count;
    }

    private Range range() {
      return new Range(Bytes.wrap(kept.array()), size);
    }
  }
}
