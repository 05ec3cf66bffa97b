package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Cell;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * Brings cells here that may be too large for the heap. A transfer that makes progress may outlast
 * the time limit: that starts again with each part.
 */
final class LargeCells {

  static final int CHUNK_BYTES = 1024 * 1024;

  /** Takes what nobody wants but its version. */
  static final ContentSink NOWHERE =
      new ContentSink() {
        @Override
        public void start(long size) {}

        @Override
        public void accept(ByteBuffer part) {}
      };

  private final Calls calls;

  LargeCells(Calls calls) {
    this.calls = calls;
  }

  static CommandArguments getRange(Cell cell, long offset, int length) {
    return command(Command.GETRANGE, cell.key(), offset, offset + length - 1);
  }

  /**
   * The version of a cell, without keeping the server from others for longer than must be. Means
   * nothing if the key changes meanwhile: whoever asks has it watched.
   */
  Observation observe(Wire wire, Cell cell) {
    try {
      Optional<Version> version =
          cell instanceof Cell.FieldCell
              ? inOnePiece(wire, cell, NOWHERE)
              : inChunks(wire, cell, NOWHERE);
      return version
          .map(seen -> new Observation(seen, Optional.empty()))
          .orElse(Observation.NOTHING);
    } catch (IOException e) {
      throw new AssertionError("nowhere does not fail", e);
    }
  }

  /**
   * Reads a string chunk by chunk. Means nothing if it changes meanwhile.
   *
   * @return the version; empty if there is nothing, or it was seen to change
   */
  Optional<Version> inChunks(Wire wire, Cell cell, ContentSink sink) throws IOException {
    List<Object> replies =
        wire.ask(List.of(command(Command.STRLEN, cell.key()), getRange(cell, 0, CHUNK_BYTES)));
    if (replies.stream().anyMatch(ErrorReplies::isWrongType)) {
      return Optional.empty();
    }
    long size = (Long) Fact.requireAnswer(replies.get(0));
    if (size == 0) {
      return Optional.empty();
    }
    sink.start(size);
    Version.Digester digester = Version.digester();
    long at = 0;
    Object reply = replies.get(1);
    while (true) {
      if (ErrorReplies.isWrongType(reply)) {
        return Optional.empty();
      }
      byte[] chunk = (byte[]) Fact.requireAnswer(reply);
      if (chunk.length != Math.min(CHUNK_BYTES, size - at)) {
        return Optional.empty();
      }
      digester.update(ByteBuffer.wrap(chunk));
      sink.accept(ByteBuffer.wrap(chunk));
      at += chunk.length;
      if (at == size) {
        return Optional.of(digester.version());
      }
      wire.begin(calls.deadline());
      reply = wire.ask(List.of(getRange(cell, at, CHUNK_BYTES))).get(0);
    }
  }

  /**
   * Reads a cell as one reply, which does not stay on the heap.
   *
   * @return the version; empty if there is no such cell
   */
  Optional<Version> inOnePiece(Wire wire, Cell cell, ContentSink sink) throws IOException {
    Progress progress = new Progress(sink, wire);
    // Redis answers WRONGTYPE where there is a key of another type, so nothing means nothing.
    return wire.stream(Fact.content(cell), progress)
        ? Optional.of(progress.digester.version())
        : Optional.empty();
  }

  /** Computes the version of what passes, and lets the time limit start again. */
  private final class Progress implements ContentSink {
    private static final Duration TICK = Duration.ofMillis(100);

    private final ContentSink sink;
    private final Wire wire;
    private final Version.Digester digester = Version.digester();
    private Deadline tick = Deadline.after(TICK);

    private Progress(ContentSink sink, Wire wire) {
      this.sink = sink;
      this.wire = wire;
    }

    @Override
    public void start(long size) throws IOException {
      sink.start(size);
    }

    @Override
    public void accept(ByteBuffer part) throws IOException {
      digester.update(part.duplicate());
      sink.accept(part);
      if (tick.hasPassed()) {
        wire.begin(calls.deadline());
        tick = Deadline.after(TICK);
      }
    }
  }
}
