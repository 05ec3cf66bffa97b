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
import java.time.Duration;
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

  private static final int CHUNK_BYTES = 1024 * 1024;
  private static final int WATCHED_ROUNDS = 3;

  private final Calls calls;
  private final Scripts scripts;

  CellReader(Calls calls, Scripts scripts) {
    this.calls = calls;
    this.scripts = scripts;
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
    return calls.repeat(
        "read " + cell,
        wire -> {
          while (true) {
            Fact.VersionOf fact = new Fact.VersionOf(cell);
            Object reply = wire.ask(List.of(fact.question(scripts))).get(0);
            if (ErrorReplies.isWrongType(reply)) {
              throwWrongType(wire, cell);
            }
            Optional<Observation> seen = fact.answer(reply, scripts);
            if (seen.isPresent()) {
              return seen.get().version();
            }
          }
        });
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
    byte[] head = (byte[]) askForString(wire, cell, getRange(cell, 0, CHUNK_BYTES));
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
      Optional<Optional<Version>> version = inChunks(wire, cell, sink);
      if (version.isPresent()) {
        return version.get();
      }
    }
    return inOnePiece(wire, cell, sink);
  }

  /** The version, or nothing if the string changed while it was read. */
  private Optional<Optional<Version>> inChunks(Wire wire, Cell cell, ContentSink sink)
      throws IOException {
    List<Object> replies =
        wire.ask(
            List.of(
                wire.watch(List.of(cell.key())),
                command(Command.STRLEN, cell.key()),
                getRange(cell, 0, CHUNK_BYTES)));
    replies.forEach(reply -> requireString(wire, cell, reply));
    long size = (Long) replies.get(1);
    if (size == 0) {
      return wire.isUnchanged() ? Optional.of(inOnePiece(wire, cell, sink)) : Optional.empty();
    }
    sink.start(size);
    Version.Digester digester = Version.digester();
    long at = 0;
    byte[] chunk = (byte[]) replies.get(2);
    while (true) {
      long expected = Math.min(CHUNK_BYTES, size - at);
      if (chunk.length != expected) {
        wire.isUnchanged();
        return Optional.empty();
      }
      digester.update(ByteBuffer.wrap(chunk));
      sink.accept(ByteBuffer.wrap(chunk));
      at += chunk.length;
      if (at == size) {
        break;
      }
      // The transfer makes progress, so the time limit starts again.
      wire.begin(calls.deadline());
      chunk = (byte[]) askForString(wire, cell, getRange(cell, at, CHUNK_BYTES));
    }
    return wire.isUnchanged() ? Optional.of(Optional.of(digester.version())) : Optional.empty();
  }

  private Optional<Version> inOnePiece(Wire wire, Cell cell, ContentSink sink) throws IOException {
    Progress progress = new Progress(sink, wire, calls);
    return stream(wire, cell, progress)
        ? Optional.of(progress.digester.version())
        : Optional.empty();
  }

  /** Returns whether the cell exists. */
  private static boolean stream(Wire wire, Cell cell, ContentSink sink) throws IOException {
    try {
      // Redis answers WRONGTYPE where there is a key of another type, so nothing means nothing.
      return wire.stream(Fact.content(cell), sink);
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
            : getRange(cell, offset, length);
    List<Object> replies =
        wire.askAtOnce(
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

  /**
   * Redis cannot cut a field; a script could, but takes longer to copy it than to send it. So it
   * all comes, but only the part is kept.
   */
  private Optional<Range> range(Wire wire, Cell.FieldCell cell, long offset, int length) {
    Part part = new Part(offset, length);
    try {
      return stream(wire, cell, part) ? Optional.of(part.range()) : Optional.empty();
    } catch (IOException e) {
      throw new AssertionError("an array does not fail", e);
    }
  }

  private static CommandArguments getRange(Cell cell, long offset, int length) {
    return command(Command.GETRANGE, cell.key(), offset, offset + length - 1);
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

  /** Computes the version of what passes, and lets the time limit start again with each part. */
  private static final class Progress implements ContentSink {
    private static final Duration TICK = Duration.ofMillis(100);

    private final ContentSink sink;
    private final Wire wire;
    private final Calls calls;
    private final Version.Digester digester = Version.digester();
    private Deadline granted = Deadline.after(TICK);

    private Progress(ContentSink sink, Wire wire, Calls calls) {
      this.sink = sink;
      this.wire = wire;
      this.calls = calls;
    }

    @Override
    public void start(long size) throws IOException {
      sink.start(size);
    }

    @Override
    public void accept(ByteBuffer part) throws IOException {
      digester.update(part.duplicate());
      sink.accept(part);
      if (granted.hasPassed()) {
        wire.begin(calls.deadline());
        granted = Deadline.after(TICK);
      }
    }
  }
}
