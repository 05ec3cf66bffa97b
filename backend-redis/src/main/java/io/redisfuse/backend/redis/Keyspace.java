package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Type;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** Tells what keys and fields exist, and what they are like, without reading values. */
final class Keyspace {

  private static final int BATCH = 1000;

  /** Up to so many fields, HKEYS is quick enough not to keep the server from others. */
  private static final int SMALL_HASH = 1000;

  private static final byte[] START = {'0'};

  private final Calls calls;
  private final Duration scanPause;
  private final Elsewhere elsewhere;

  /** Whether HSCAN can leave away the values (since Redis 7.4), as far as known. */
  private volatile boolean scansWithoutValues = true;

  /** Knows of keys that a scan has seen and that have gone to another server since. */
  interface Elsewhere {
    Optional<Type> type(Bytes key, JedisRedirectionException redirection);
  }

  /**
   * @param scanPause how long a scan waits between two round trips
   */
  Keyspace(Calls calls, Duration scanPause, Elsewhere elsewhere) {
    this.elsewhere = elsewhere;
    this.calls = calls;
    this.scanPause = scanPause;
  }

  /** Returns whether the visitor wanted to see all. */
  boolean scan(Bytes prefix, KeyVisitor visitor) {
    ExecutorService ahead = Executors.newSingleThreadExecutor(Keyspace::scanner);
    try {
      Page page = page(prefix, List.of(), Optional.of(START));
      // The types of a page come with the keys of the next one.
      Page next = page(prefix, page.keys, page.cursor);
      while (!(page.keys.isEmpty() && page.cursor.isEmpty())) {
        Page known = next;
        // The server looks for more while the visitor is busy.
        Future<Page> more = ahead.submit(() -> page(prefix, known.keys, known.cursor));
        if (!visit(page.keys, next.types, visitor)) {
          return false;
        }
        page = next;
        next = result(more);
        LockSupport.parkNanos(scanPause.toNanos());
      }
      return true;
    } finally {
      ahead.shutdown();
    }
  }

  private static boolean visit(List<Bytes> keys, List<Optional<Type>> types, KeyVisitor visitor) {
    boolean goOn = true;
    for (int i = 0; goOn && i < keys.size(); i++) {
      Optional<Type> type = types.get(i);
      boolean isOurs = keys.get(i).startsWith(Marks.ALL);
      goOn = type.isEmpty() || isOurs || visitor.visit(keys.get(i), type.get());
    }
    return goOn;
  }

  private static Thread scanner(Runnable work) {
    Thread thread = new Thread(work, "redisfuse-scan");
    thread.setDaemon(true);
    return thread;
  }

  private static Page result(Future<Page> page) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return page.get();
        } catch (InterruptedException e) {
          // It ends within the time limit.
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BackendException failure) {
        throw failure;
      }
      throw new IllegalStateException("A scan failed unexpectedly.", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Some keys of a scan.
   *
   * @param cursor where it goes on, empty at its end
   * @param types the types of the keys of the page before
   */
  private record Page(Optional<byte[]> cursor, List<Bytes> keys, List<Optional<Type>> types) {}

  private Page page(Bytes prefix, List<Bytes> before, Optional<byte[]> cursor) {
    List<CommandArguments> questions = new ArrayList<>();
    before.forEach(key -> questions.add(command(Command.TYPE, key)));
    cursor.ifPresent(at -> questions.add(scanFrom(at, prefix)));
    return calls.repeat(
        "list the keys that start with \"" + prefix + "\"",
        wire -> {
          List<Object> replies = wire.ask(questions);
          List<Optional<Type>> types = new ArrayList<>(before.size());
          for (int i = 0; i < before.size(); i++) {
            types.add(type(before.get(i), replies.get(i)));
          }
          replies.subList(before.size(), replies.size()).forEach(Fact::requireAnswer);
          if (cursor.isEmpty()) {
            return new Page(Optional.empty(), List.of(), types);
          }
          List<?> found = (List<?>) replies.get(before.size());
          byte[] next = (byte[]) found.get(0);
          return new Page(
              isStart(next) ? Optional.empty() : Optional.of(next), all(found.get(1)), types);
        });
  }

  private Optional<Type> type(Bytes key, Object reply) {
    return reply instanceof JedisRedirectionException redirection
        ? elsewhere.type(key, redirection)
        : KeyTypes.of(Fact.requireAnswer(reply));
  }

  private static CommandArguments scanFrom(byte[] cursor, Bytes prefix) {
    CommandArguments scan = command(Command.SCAN, cursor, Keyword.COUNT, BATCH);
    return prefix.isEmpty() ? scan : scan.add(Keyword.MATCH).add(pattern(prefix));
  }

  /** The pattern of Redis for what starts with {@code prefix}. */
  static byte[] pattern(Bytes prefix) {
    ByteArrayOutputStream pattern = new ByteArrayOutputStream(prefix.length() + 8);
    for (int i = 0; i < prefix.length(); i++) {
      byte b = prefix.at(i);
      if (b == '*' || b == '?' || b == '[' || b == '\\') {
        pattern.write('\\');
      }
      pattern.write(b);
    }
    pattern.write('*');
    return pattern.toByteArray();
  }

  Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    Map<Cell, CellStatus> described = new HashMap<>();
    for (List<Cell> batch : batches(List.<Cell>copyOf(cells))) {
      described.putAll(calls.repeat("look at " + batch.get(0), wire -> describe(wire, batch)));
    }
    return described;
  }

  /**
   * One round trip for strings and fields, a second one for keys of other types: how their size is
   * asked for depends on the type.
   */
  private static Map<Cell, CellStatus> describe(Wire wire, List<Cell> cells) {
    List<Bytes> keys = cells.stream().map(Cell::key).distinct().toList();
    List<CommandArguments> questions = new ArrayList<>();
    for (Bytes key : keys) {
      questions.add(command(Command.TYPE, key));
      questions.add(command(Command.PTTL, key));
    }
    for (Cell cell : cells) {
      if (cell instanceof Cell.FieldCell field) {
        questions.add(command(Command.HEXISTS, field.key(), field.field()));
        questions.add(command(Command.HSTRLEN, field.key(), field.field()));
      } else {
        questions.add(command(Command.STRLEN, cell.key()));
      }
    }
    Replies replies = new Replies(wire.ask(questions));
    Map<Bytes, KeyStatus> statuses = new HashMap<>();
    for (Bytes key : keys) {
      Optional<Type> type = KeyTypes.of(Fact.requireAnswer(replies.next()));
      long ttl = (Long) Fact.requireAnswer(replies.next());
      type.ifPresent(
          is ->
              statuses.put(
                  key,
                  new KeyStatus(
                      is, ttl < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(ttl)))));
    }
    Map<Cell, CellStatus> described = new HashMap<>();
    List<Cell> collections = new ArrayList<>();
    for (Cell cell : cells) {
      Optional<KeyStatus> status = Optional.ofNullable(statuses.get(cell.key()));
      OptionalLong size;
      if (cell instanceof Cell.FieldCell) {
        boolean present = number(replies.next()).orElse(0) == 1;
        OptionalLong length = number(replies.next());
        size = present ? length : OptionalLong.empty();
      } else {
        size = number(replies.next());
        if (status.isPresent() && sizeCommand(status.get().type).isPresent()) {
          collections.add(cell);
        }
      }
      status.ifPresent(key -> described.put(cell, new CellStatus(key.type, size, key.ttl)));
    }
    addSizes(wire, collections, described);
    return described;
  }

  private static void addSizes(Wire wire, List<Cell> collections, Map<Cell, CellStatus> described) {
    List<CommandArguments> questions =
        collections.stream()
            .map(cell -> command(sizeCommand(described.get(cell).type()).orElseThrow(), cell.key()))
            .toList();
    Replies replies = new Replies(wire.ask(questions));
    for (Cell cell : collections) {
      CellStatus status = described.get(cell);
      described.put(cell, new CellStatus(status.type(), number(replies.next()), status.ttl()));
    }
  }

  private record KeyStatus(Type type, Optional<Duration> ttl) {}

  /** The command that counts the elements of a collection. */
  static Optional<Command> sizeCommand(Type type) {
    return switch (type) {
      case HASH -> Optional.of(Command.HLEN);
      case LIST -> Optional.of(Command.LLEN);
      case SET -> Optional.of(Command.SCARD);
      case SORTED_SET -> Optional.of(Command.ZCARD);
      case STREAM -> Optional.of(Command.XLEN);
      case STRING, OTHER -> Optional.empty();
    };
  }

  Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    Map<Bytes, List<FieldStatus>> all = new HashMap<>();
    for (List<Bytes> batch : batches(List.copyOf(new LinkedHashSet<>(keys)))) {
      Map<Bytes, Set<Bytes>> names =
          calls.repeat("list the fields of " + batch.get(0), wire -> names(wire, batch));
      all.putAll(sizes(names));
    }
    return all;
  }

  private Map<Bytes, Set<Bytes>> names(Wire wire, List<Bytes> keys) {
    List<Object> counts = wire.ask(keys.stream().map(key -> command(Command.HLEN, key)).toList());
    Map<Bytes, Set<Bytes>> names = new LinkedHashMap<>();
    List<Bytes> inOnePiece = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Bytes key = keys.get(i);
      // Neither zero (no key) nor WRONGTYPE has fields.
      long count = number(counts.get(i)).orElse(0);
      if (count > SMALL_HASH && scansWithoutValues) {
        scanned(wire, key)
            .ifPresentOrElse(fields -> names.put(key, fields), () -> inOnePiece.add(key));
      } else if (count > 0) {
        inOnePiece.add(key);
      }
    }
    List<Object> replies =
        wire.ask(inOnePiece.stream().map(key -> command(Command.HKEYS, key)).toList());
    for (int i = 0; i < inOnePiece.size(); i++) {
      if (!ErrorReplies.isWrongType(replies.get(i))) {
        List<Bytes> fields = all(Fact.requireAnswer(replies.get(i)));
        names.put(inOnePiece.get(i), new LinkedHashSet<>(fields));
      }
    }
    names.values().removeIf(Set::isEmpty);
    return names;
  }

  /** The fields of a large hash, without its values; empty if the server cannot do that. */
  private Optional<Set<Bytes>> scanned(Wire wire, Bytes key) {
    // HSCAN may return a field twice.
    Set<Bytes> fields = new LinkedHashSet<>();
    byte[] cursor = START;
    do {
      Object reply =
          wire.ask(
                  List.of(
                      command(Command.HSCAN, key, cursor, Keyword.COUNT, BATCH, Keyword.NOVALUES)))
              .get(0);
      if (ErrorReplies.isSyntaxError(reply)) {
        scansWithoutValues = false;
        return Optional.empty();
      }
      if (ErrorReplies.isWrongType(reply)) {
        return Optional.of(Set.of());
      }
      List<?> page = (List<?>) Fact.requireAnswer(reply);
      cursor = (byte[]) page.get(0);
      fields.addAll(all(page.get(1)));
      wire.begin(calls.deadline());
    } while (!isStart(cursor));
    return Optional.of(fields);
  }

  private Map<Bytes, List<FieldStatus>> sizes(Map<Bytes, Set<Bytes>> names) {
    List<Cell.FieldCell> cells = new ArrayList<>();
    names.forEach(
        (key, fields) -> fields.forEach(field -> cells.add(new Cell.FieldCell(key, field))));
    Map<Bytes, List<FieldStatus>> statuses = new HashMap<>();
    for (List<Cell.FieldCell> batch : batches(cells)) {
      List<CommandArguments> questions =
          batch.stream().map(cell -> command(Command.HSTRLEN, cell.key(), cell.field())).toList();
      List<OptionalLong> sizes =
          calls.repeat(
              "look at the fields of " + batch.get(0).key(),
              wire -> wire.ask(questions).stream().map(Keyspace::number).toList());
      for (int i = 0; i < batch.size(); i++) {
        Cell.FieldCell cell = batch.get(i);
        OptionalLong size = sizes.get(i);
        if (size.isPresent()) {
          statuses
              .computeIfAbsent(cell.key(), key -> new ArrayList<>())
              .add(new FieldStatus(cell.field(), size.getAsLong()));
        }
      }
    }
    return statuses;
  }

  /** The number of a reply; empty if the key is of another type than the command is for. */
  private static OptionalLong number(Object reply) {
    return ErrorReplies.isWrongType(reply)
        ? OptionalLong.empty()
        : OptionalLong.of((Long) Fact.requireAnswer(reply));
  }

  private static List<Bytes> all(Object reply) {
    return ((List<?>) reply).stream().map(each -> Bytes.wrap((byte[]) each)).toList();
  }

  private static boolean isStart(byte[] cursor) {
    return cursor.length == 1 && cursor[0] == '0';
  }

  private static <T> List<List<T>> batches(List<T> all) {
    List<List<T>> batches = new ArrayList<>();
    for (int start = 0; start < all.size(); start += BATCH) {
      batches.add(all.subList(start, Math.min(start + BATCH, all.size())));
    }
    return batches;
  }

  /** The replies of a round trip, one after the other. */
  private static final class Replies {
    private final List<Object> replies;
    private int at;

    private Replies(List<Object> replies) {
      this.replies = replies;
    }

    private Object next() {
      return replies.get(at++);
    }
  }
}
