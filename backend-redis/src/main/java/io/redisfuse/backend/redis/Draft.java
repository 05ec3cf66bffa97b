package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.backend.redis.Holding.Fields;
import io.redisfuse.backend.redis.Holding.Literal;
import io.redisfuse.backend.redis.Holding.Nothing;
import io.redisfuse.backend.redis.Holding.Stored;
import io.redisfuse.backend.redis.Holding.StringContent;
import io.redisfuse.backend.redis.Holding.Untouched;
import io.redisfuse.backend.redis.Holding.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.commands.ProtocolCommand;

/**
 * Turns a transaction into commands, none of which can fail if the facts hold when they are
 * executed: Redis does not undo the commands before one that failed. So every type, existence and
 * size is settled here, by playing the changes through.
 *
 * <p>Not safe for threads.
 */
final class Draft {

  /** What a value of Redis can be: {@code proto-max-bulk-len}, unless somebody changes it. */
  static final long MAX_BYTES = 512L * 1024 * 1024;

  /** A hundred thousand years: Redis refuses a TTL whose end its clock cannot show. */
  private static final Duration MAX_TTL = Duration.ofDays(36_500_000);

  /** What a server that has no memory left does all the same. */
  private static final Set<ProtocolCommand> FREEING =
      Set.of(Command.UNLINK, Command.HDEL, Command.PEXPIRE, Command.PERSIST);

  private final Facts facts;
  private final List<CommandArguments> commands = new ArrayList<>();

  /** What each name that was touched holds by now. */
  private final Map<Bytes, Holding> holdings = new LinkedHashMap<>();

  private Draft(Facts facts) {
    this.facts = facts;
  }

  /**
   * Plays a transaction through.
   *
   * @throws ConflictException and the like, if it cannot be applied; means nothing while the facts
   *     are {@link Facts#isIncomplete}
   */
  static Draft of(Transaction transaction, Facts facts) {
    Draft draft = new Draft(facts);
    transaction.expectations().forEach(draft::require);
    transaction.changes().forEach(draft::apply);
    return draft;
  }

  /** Whether it takes no memory of the server, which may have none left. */
  boolean onlyFrees() {
    return commands.stream().map(CommandArguments::getCommand).allMatch(FREEING::contains);
  }

  /** The commands, to be executed as one. */
  List<CommandArguments> commands() {
    return commands;
  }

  /** How many bytes the commands carry, roughly. */
  long bytes() {
    long bytes = 0;
    for (CommandArguments command : commands) {
      for (Rawable word : command) {
        bytes += word.getRaw().length;
      }
    }
    return bytes;
  }

  /** What will be seen of the touched keys once the commands were executed, as far as known. */
  Sighting after() {
    Sighting.Builder after = new Sighting.Builder();
    holdings.forEach((name, holding) -> describe(name, holding, after));
    return after.build();
  }

  /** What was seen before. */
  Sighting before() {
    return new Sighting(facts.versions(), facts.types());
  }

  private void require(Expectation expectation) {
    Cell cell = expectation.cell();
    Type needed = typeFor(cell);
    Optional<Type> found = facts.type(cell.key(), needed);
    if (found.isPresent() && found.get() != needed) {
      throw new WrongTypeException(cell.key(), found.get());
    }
    Version version = facts.version(cell, expectation.version());
    if (!version.equals(expectation.version())) {
      throw new ConflictException(cell, expectation.version(), version);
    }
  }

  private void apply(Change change) {
    if (change instanceof Change.Put put) {
      put(put.cell(), put.content());
    } else if (change instanceof Change.Patch patch) {
      patch(patch);
    } else if (change instanceof Change.Append append) {
      append(append);
    } else if (change instanceof Change.Delete delete) {
      delete(delete.cell());
    } else if (change instanceof Change.DeleteKey delete) {
      deleteKey(delete.key());
    } else if (change instanceof Change.Move move) {
      move(move.from(), move.to());
    } else if (change instanceof Change.MoveKey move) {
      moveKey(move.from(), move.to());
    } else if (change instanceof Change.Expire expire) {
      expire(expire);
    }
  }

  private void put(Cell cell, Bytes content) {
    requireFit(cell, content.length() <= MAX_BYTES);
    requireType(cell);
    if (cell instanceof Cell.FieldCell field) {
      putField(field, content);
    } else {
      commands.add(command(Command.SET, cell.key(), content, Keyword.KEEPTTL));
      holdings.put(cell.key(), new Written(new Literal(content)));
    }
  }

  private void patch(Change.Patch patch) {
    Cell cell = patch.cell();
    boolean exists = requireType(cell);
    if (patch.content().isEmpty()) {
      return;
    }
    requireFit(cell, patch.offset() <= MAX_BYTES - patch.content().length());
    if (cell instanceof Cell.FieldCell field) {
      Bytes whole = fieldContent(field).orElse(Bytes.EMPTY);
      putField(field, Holding.patched(whole, patch.offset(), patch.content()));
    } else {
      write(
          cell.key(),
          new Holding.Patched(stringContent(cell.key(), exists), patch.offset(), patch.content()),
          command(Command.SETRANGE, cell.key(), patch.offset(), patch.content()));
    }
  }

  private void append(Change.Append append) {
    Cell cell = append.cell();
    boolean exists = requireType(cell);
    if (cell instanceof Cell.FieldCell field) {
      Bytes whole = fieldContent(field).orElse(Bytes.EMPTY);
      requireFit(cell, (long) whole.length() + append.content().length() <= MAX_BYTES);
      putField(field, whole.concat(append.content()));
    } else {
      write(
          cell.key(),
          new Holding.Appended(stringContent(cell.key(), exists), append.content()),
          command(Command.APPEND, cell.key(), append.content()));
    }
  }

  private void write(Bytes key, StringContent content, CommandArguments how) {
    requireFit(Cell.string(key), content.fits(MAX_BYTES, facts));
    commands.add(how);
    holdings.put(key, new Written(content));
  }

  private void delete(Cell cell) {
    if (!requireType(cell)) {
      return;
    }
    if (cell instanceof Cell.FieldCell field) {
      commands.add(command(Command.HDEL, field.key(), field.field()));
      fieldsOf(field.key()).fields().put(field.field(), Optional.empty());
    } else {
      deleteKey(cell.key());
    }
  }

  private void deleteKey(Bytes key) {
    if (type(key, Type.STRING).isPresent()) {
      commands.add(command(Command.UNLINK, key));
      holdings.put(key, new Nothing());
    }
  }

  private void move(Cell from, Cell to) {
    if (from instanceof Cell.StringCell && to instanceof Cell.StringCell) {
      if (!requireType(from)) {
        throw ConflictException.vanished(from);
      }
      requireType(to);
      rename(from.key(), to.key());
      return;
    }
    boolean exists = requireType(from);
    Optional<Bytes> content = exists ? content(from) : Optional.empty();
    if (content.isEmpty()) {
      throw ConflictException.vanished(from);
    }
    if (!from.equals(to)) {
      // In this order a hash that loses its last field to another one of its own stays, with its
      // TTL.
      put(to, content.get());
      delete(from);
    }
  }

  private void moveKey(Bytes from, Bytes to) {
    if (type(from, Type.STRING).isEmpty()) {
      throw ConflictException.vanished(Cell.string(from));
    }
    type(to, Type.STRING);
    rename(from, to);
  }

  private void rename(Bytes from, Bytes to) {
    if (!from.equals(to)) {
      commands.add(command(Command.RENAME, from, to));
      holdings.put(to, holding(from));
      holdings.put(from, new Nothing());
    }
  }

  private void expire(Change.Expire expire) {
    Bytes key = expire.key();
    if (type(key, Type.STRING).isEmpty()) {
      return;
    }
    commands.add(
        expire
            .ttl()
            .map(ttl -> ttl.compareTo(MAX_TTL) < 0 ? ttl : MAX_TTL)
            .map(ttl -> command(Command.PEXPIRE, key, ttl.toMillis()))
            .orElseGet(() -> command(Command.PERSIST, key)));
  }

  private void putField(Cell.FieldCell cell, Bytes content) {
    commands.add(command(Command.HSET, cell.key(), cell.field(), content));
    fieldsOf(cell.key()).fields().put(cell.field(), Optional.of(content));
  }

  /** Requires that the cell's key holds what the cell needs. Returns whether the key exists. */
  private boolean requireType(Cell cell) {
    Type needed = typeFor(cell);
    Optional<Type> found = type(cell.key(), needed);
    if (found.isPresent() && found.get() != needed) {
      throw new WrongTypeException(cell.key(), found.get());
    }
    return found.isPresent();
  }

  private static void requireFit(Cell cell, boolean fits) {
    if (!fits) {
      throw new RefusedException(
          RefusedException.Reason.TOO_LARGE,
          "The " + cell + " would be larger than 512 MiB, which Redis does not take.",
          /* cause= */ null);
    }
  }

  private static Type typeFor(Cell cell) {
    return cell instanceof Cell.FieldCell ? Type.HASH : Type.STRING;
  }

  private Holding holding(Bytes name) {
    return holdings.getOrDefault(name, new Untouched(name));
  }

  /** The type of what the name holds by now; empty for nothing. */
  private Optional<Type> type(Bytes name, Type hoped) {
    Holding holding = holding(name);
    if (holding instanceof Untouched untouched) {
      return facts.type(untouched.origin(), hoped);
    }
    if (holding instanceof Fields hash) {
      return isEmpty(hash) ? Optional.empty() : Optional.of(Type.HASH);
    }
    return holding instanceof Written ? Optional.of(Type.STRING) : Optional.empty();
  }

  private boolean isEmpty(Fields hash) {
    if (hash.fields().values().stream().anyMatch(Optional::isPresent)) {
      return false;
    }
    if (hash.origin().isEmpty()) {
      return true;
    }
    Bytes origin = hash.origin().get();
    long gone =
        hash.fields().keySet().stream()
            .filter(field -> facts.isPresent(new Cell.FieldCell(origin, field)))
            .count();
    return facts.fieldCount(origin) <= gone;
  }

  private Optional<Bytes> content(Cell cell) {
    return cell instanceof Cell.FieldCell field
        ? fieldContent(field)
        : stringContent(cell.key(), /* exists= */ true).content(facts::content);
  }

  private StringContent stringContent(Bytes name, boolean exists) {
    Holding holding = holding(name);
    if (holding instanceof Written written) {
      return written.content();
    }
    return exists && holding instanceof Untouched untouched
        ? new Stored(untouched.origin())
        : new Literal(Bytes.EMPTY);
  }

  private Optional<Bytes> fieldContent(Cell.FieldCell cell) {
    Holding holding = holding(cell.key());
    if (holding instanceof Untouched untouched) {
      return facts.content(new Cell.FieldCell(untouched.origin(), cell.field()));
    }
    if (holding instanceof Fields hash) {
      Optional<Bytes> written = hash.fields().get(cell.field());
      return written != null
          ? written
          : hash.origin()
              .flatMap(origin -> facts.content(new Cell.FieldCell(origin, cell.field())));
    }
    return Optional.empty();
  }

  /** The fields of a name that holds a hash or nothing, to be written to. */
  private Fields fieldsOf(Bytes name) {
    Holding holding = holding(name);
    if (holding instanceof Fields hash && !isEmpty(hash)) {
      return hash;
    }
    Fields fresh =
        Fields.of(
            holding instanceof Untouched untouched
                    && facts.type(untouched.origin(), Type.HASH).isPresent()
                ? Optional.of(untouched.origin())
                : Optional.empty());
    holdings.put(name, fresh);
    return fresh;
  }

  private void describe(Bytes name, Holding holding, Sighting.Builder after) {
    if (holding instanceof Untouched untouched) {
      Optional<Type> type = facts.type(untouched.origin(), Type.STRING);
      after.type(name, type);
      facts
          .known(Cell.string(untouched.origin()))
          .ifPresent(seen -> after.version(Cell.string(name), seen.version()));
    } else if (holding instanceof Nothing) {
      after.type(name, Optional.empty());
    } else if (holding instanceof Written written) {
      after.type(name, Optional.of(Type.STRING));
      written
          .content()
          .content(cell -> facts.known(cell).flatMap(Observation::content))
          .ifPresent(content -> after.version(Cell.string(name), Version.of(content)));
    } else if (holding instanceof Fields hash) {
      hash.fields()
          .forEach(
              (field, content) ->
                  after.version(
                      Cell.field(name, field), content.map(Version::of).orElse(Version.ABSENT)));
    }
  }
}
