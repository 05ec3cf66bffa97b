package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Moves a key of any type to another slot, as DUMP tells it: first to a name of ours, then, as the
 * contract has it, to its own. What was copied is known by its dump; so whoever changes the source
 * meanwhile is noticed, and perhaps a server that only orders its hash tables anew, for which the
 * move is repeated.
 */
final class KeyTransfer extends Transfer<KeyTransfer.Copy> {

  private static final String NAME = ".redisfuse:move:";

  /** So long a key of ours lives if nobody removes it. */
  private static final Duration SHORT_LIFE = Duration.ofMinutes(1);

  /** What is copied: a key as one server tells it, and how long it lives on. */
  record Copy(Bytes dump, Optional<Duration> ttl) {}

  private final Bytes from;
  private final Bytes into;

  /** The copy as the server of the target tells it. */
  private Optional<Bytes> written = Optional.empty();

  KeyTransfer(CrossSlot move, Places places, Duration timeLimit, Observer observer) {
    super(move, places, timeLimit, observer);
    this.from = move.what().from();
    this.into = move.what().into();
  }

  @Override
  Cell target() {
    return Cell.string(into);
  }

  @Override
  Copy read() {
    List<Object> replies =
        source()
            .calls()
            .repeat(
                "read key " + from,
                wire -> {
                  List<Object> all =
                      wire.askAtOnce(
                          List.of(command(Command.DUMP, from), command(Command.PTTL, from)));
                  all.forEach(Fact::requireAnswer);
                  return all;
                });
    if (replies.get(0) == null) {
      throw ConflictException.vanished(Cell.string(from));
    }
    long millis = (Long) replies.get(1);
    return new Copy(
        Bytes.wrap((byte[]) replies.get(0)),
        millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(Math.max(1, millis))));
  }

  @Override
  void copy(Copy copy, Before before) {
    int slot = Slot.of(into);
    Bytes passing = Slot.key(NAME + UUID.randomUUID(), each -> each == slot);
    CommandArguments restore =
        command(Command.RESTORE, passing, SHORT_LIFE.toMillis(), copy.dump(), "REPLACE");
    place().calls().repeat("write a copy of key " + from, wire -> wire.ask(restore));
    Transaction.Builder transaction = Transaction.builder();
    request().ofTarget().forEach(each -> transaction.expect(each.cell(), each.version()));
    transaction
        .expect(target(), before.version())
        .change(new Change.MoveKey(passing, into))
        .change(new Change.Expire(into, request().ttlOr(copy.ttl())));
    try {
      place().commits().commit(transaction.build());
    } catch (ConflictException e) {
      place().calls().repeat("delete a copy", wire -> wire.ask(command(Command.UNLINK, passing)));
      throw e;
    }
  }

  @Override
  boolean isWhole(Copy copy) {
    written = dump(place(), into);
    return written.isPresent()
        && (written.get().equals(copy.dump())
            || elements(source(), from).equals(elements(place(), into)));
  }

  private static Optional<Bytes> dump(Part part, Bytes key) {
    byte[] dump =
        part.calls()
            .repeat("read key " + key, wire -> (byte[]) wire.ask(command(Command.DUMP, key)));
    return Optional.ofNullable(dump).map(Bytes::wrap);
  }

  /** All that a key holds, to be compared. Two servers need not tell a hash or set alike. */
  private static Object elements(Part part, Bytes key) {
    Cell cell = Cell.string(key);
    Optional<Type> type =
        Optional.ofNullable(part.keyspace().describe(List.of(cell)).get(cell))
            .map(status -> status.type());
    if (type.isEmpty()) {
      return "nothing";
    }
    return switch (type.get()) {
      case STRING, OTHER -> dump(part, key);
      case HASH -> fields(part, key);
      case SET -> new HashSet<>(part.elements().elements(key));
      case LIST, SORTED_SET, STREAM -> part.elements().elements(key);
    };
  }

  private static Map<Bytes, Bytes> fields(Part part, Bytes key) {
    return part.calls()
        .repeat(
            "read key " + key,
            wire -> {
              List<?> parts = (List<?>) wire.ask(command(Command.HGETALL, key));
              Map<Bytes, Bytes> fields = new HashMap<>();
              for (int i = 0; i < parts.size(); i += 2) {
                fields.put(
                    Bytes.wrap((byte[]) parts.get(i)), Bytes.wrap((byte[]) parts.get(i + 1)));
              }
              return fields;
            });
  }

  @Override
  Deletion delete(Copy copy) {
    return ifStill(source(), from, copy.dump(), List.of(command(Command.UNLINK, from)))
        ? Deletion.DONE
        : Deletion.CHANGED;
  }

  @Override
  void undo(Copy copy, Before before) {
    List<CommandArguments> commands = new ArrayList<>();
    commands.add(command(Command.UNLINK, into));
    before
        .snapshot()
        .map(Snapshot::content)
        .ifPresent(content -> commands.add(command(Command.SET, into, content)));
    before.ttl().ifPresent(ttl -> commands.add(command(Command.PEXPIRE, into, ttl.toMillis())));
    ifStill(place(), into, written.orElse(copy.dump()), commands);
  }

  /** Executes commands if a key is as a dump says. Returns whether it was. */
  private static boolean ifStill(
      Part part, Bytes key, Bytes dump, List<CommandArguments> commands) {
    AtomicBoolean maybe = new AtomicBoolean();
    Deadline deadline = part.calls().deadline();
    return part.calls()
        .repeat(
            () ->
                part.calls()
                    .attempt(
                        deadline,
                        "change key " + key,
                        () -> ifStill(part, deadline, key, dump, commands, maybe)));
  }

  private static boolean ifStill(
      Part part,
      Deadline deadline,
      Bytes key,
      Bytes dump,
      List<CommandArguments> commands,
      AtomicBoolean maybe) {
    try {
      return part.route()
          .use(
              deadline,
              wire -> {
                List<Object> replies =
                    wire.ask(List.of(wire.watch(List.of(key)), command(Command.DUMP, key)));
                replies.forEach(Fact::requireAnswer);
                byte[] now = (byte[]) replies.get(1);
                if (now == null || !Bytes.wrap(now).equals(dump)) {
                  wire.isUnchanged();
                  return false;
                }
                boolean done = wire.transact(commands, () -> maybe.set(true)).isPresent();
                wire.committed();
                return done;
              });
    } catch (JedisConnectionException e) {
      if (maybe.get()) {
        throw new OutcomeUnknownException(
            "The connection to Redis at "
                + part.calls().address()
                + " was lost while key "
                + key
                + " was moved ("
                + Reasons.of(e)
                + "); look whether both names exist, and delete the one that is not wanted.",
            e);
      }
      throw e;
    }
  }
}
