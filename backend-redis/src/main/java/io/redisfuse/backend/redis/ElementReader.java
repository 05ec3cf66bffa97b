package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import io.redisfuse.api.Type;
import io.redisfuse.api.WrongTypeException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;

/**
 * Reads lists, sets, sorted sets and streams, of one moment. A small one comes with one command; a
 * large one in chunks while the key is watched, again if it changed meanwhile, and at last in one
 * piece.
 */
final class ElementReader {

  private static final int CHUNK = 5000;
  private static final int WATCHED_ROUNDS = 3;

  private final Calls calls;

  ElementReader(Calls calls) {
    this.calls = calls;
  }

  List<Element> elements(Bytes key) {
    return calls.repeat("read key " + key, wire -> elements(wire, key));
  }

  private List<Element> elements(Wire wire, Bytes key) {
    Optional<Type> type = KeyTypes.of(wire.ask(command(Command.TYPE, key)));
    if (type.isEmpty()) {
      return List.of();
    }
    Collection collection = collection(key, type.get());
    long count = (Long) requireType(wire.ask(List.of(collection.count())).get(0));
    for (int round = 0; count > CHUNK && round < WATCHED_ROUNDS; round++) {
      wire.ask(List.of(wire.watch(List.of(key)))).forEach(Fact::requireAnswer);
      List<Element> elements = collection.inChunks(question -> progress(wire, question));
      if (wire.isUnchanged()) {
        return elements;
      }
    }
    return collection.parsed(requireType(wire.ask(List.of(collection.all())).get(0)));
  }

  private Object progress(Wire wire, CommandArguments question) {
    wire.begin(calls.deadline());
    return requireType(wire.ask(List.of(question)).get(0));
  }

  private static Object requireType(Object reply) {
    if (ErrorReplies.isWrongType(reply)) {
      throw new TryAgain(new IllegalStateException("the key changed its type meanwhile"));
    }
    return Fact.requireAnswer(reply);
  }

  private static Collection collection(Bytes key, Type type) {
    return switch (type) {
      case LIST -> new ListKey(key);
      case SET -> new SetKey(key);
      case SORTED_SET -> new SortedSetKey(key);
      case STREAM -> new StreamKey(key);
      case STRING, HASH, OTHER -> throw new WrongTypeException(key, type);
    };
  }

  /** Sends a command and returns its reply, which is no error. */
  private interface Asking {
    Object ask(CommandArguments question);
  }

  /** How a collection of one type is read. */
  private interface Collection {
    CommandArguments count();

    CommandArguments all();

    List<Element> parsed(Object reply);

    /** All elements, provided that the key does not change. */
    List<Element> inChunks(Asking server);
  }

  private record ListKey(Bytes key) implements Collection {
    @Override
    public CommandArguments count() {
      return command(Command.LLEN, key);
    }

    @Override
    public CommandArguments all() {
      return command(Command.LRANGE, key, 0, -1);
    }

    @Override
    public List<Element> parsed(Object reply) {
      List<Element> elements = new ArrayList<>();
      ((List<?>) reply).forEach(value -> elements.add(new Element.ListItem(bytes(value))));
      return elements;
    }

    @Override
    public List<Element> inChunks(Asking server) {
      return byIndex(
          this, from -> server.ask(command(Command.LRANGE, key, from, from + CHUNK - 1)));
    }
  }

  private record SetKey(Bytes key) implements Collection {
    @Override
    public CommandArguments count() {
      return command(Command.SCARD, key);
    }

    @Override
    public CommandArguments all() {
      return command(Command.SMEMBERS, key);
    }

    @Override
    public List<Element> parsed(Object reply) {
      List<Element> elements = new ArrayList<>();
      ((List<?>) reply).forEach(value -> elements.add(new Element.Member(bytes(value))));
      return elements;
    }

    @Override
    public List<Element> inChunks(Asking server) {
      // SSCAN may return a member twice.
      Set<Element> elements = new LinkedHashSet<>();
      Object cursor = "0";
      do {
        List<?> page =
            (List<?>) server.ask(command(Command.SSCAN, key, cursor, Keyword.COUNT, CHUNK));
        cursor = page.get(0);
        elements.addAll(parsed(page.get(1)));
      } while (!text(cursor).equals("0"));
      return new ArrayList<>(elements);
    }
  }

  private record SortedSetKey(Bytes key) implements Collection {
    @Override
    public CommandArguments count() {
      return command(Command.ZCARD, key);
    }

    @Override
    public CommandArguments all() {
      return command(Command.ZRANGE, key, 0, -1, Keyword.WITHSCORES);
    }

    @Override
    public List<Element> parsed(Object reply) {
      List<?> parts = (List<?>) reply;
      List<Element> elements = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += 2) {
        elements.add(new Element.ScoredMember(score(parts.get(i + 1)), bytes(parts.get(i))));
      }
      return elements;
    }

    @Override
    public List<Element> inChunks(Asking server) {
      return byIndex(
          this,
          from ->
              server.ask(command(Command.ZRANGE, key, from, from + CHUNK - 1, Keyword.WITHSCORES)));
    }

    private static double score(Object reply) {
      return switch (text(reply)) {
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(text(reply));
      };
    }
  }

  private record StreamKey(Bytes key) implements Collection {
    @Override
    public CommandArguments count() {
      return command(Command.XLEN, key);
    }

    @Override
    public CommandArguments all() {
      return command(Command.XRANGE, key, "-", "+");
    }

    @Override
    public List<Element> parsed(Object reply) {
      List<Element> elements = new ArrayList<>();
      ((List<?>) reply).forEach(entry -> elements.add(entry((List<?>) entry)));
      return elements;
    }

    @Override
    public List<Element> inChunks(Asking server) {
      List<Element> elements = new ArrayList<>();
      String from = "-";
      while (true) {
        List<Element> chunk =
            parsed(server.ask(command(Command.XRANGE, key, from, "+", Keyword.COUNT, CHUNK)));
        elements.addAll(chunk);
        if (chunk.size() < CHUNK) {
          return elements;
        }
        from = after(((Element.StreamEntry) chunk.get(chunk.size() - 1)).id());
      }
    }

    private static Element.StreamEntry entry(List<?> entry) {
      List<?> parts = (List<?>) entry.get(1);
      List<Element.FieldValue> fields = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += 2) {
        fields.add(new Element.FieldValue(bytes(parts.get(i)), bytes(parts.get(i + 1))));
      }
      return new Element.StreamEntry(text(entry.get(0)), fields);
    }

    /** The next possible id; Redis 6.0 does not know the exclusive {@code (ID}. */
    private static String after(String id) {
      int dash = id.indexOf('-');
      long number = Long.parseUnsignedLong(id.substring(dash + 1)) + 1;
      // The number after the largest one is the first of the next millisecond.
      return number == 0
          ? Long.toUnsignedString(Long.parseUnsignedLong(id.substring(0, dash)) + 1) + "-0"
          : id.substring(0, dash + 1) + Long.toUnsignedString(number);
    }
  }

  /** Reads chunk after chunk, from an index on, until there is no more. */
  private static List<Element> byIndex(Collection collection, LongFunction<Object> chunkFrom) {
    List<Element> elements = new ArrayList<>();
    List<Element> chunk;
    do {
      chunk = collection.parsed(chunkFrom.apply(elements.size()));
      elements.addAll(chunk);
    } while (chunk.size() == CHUNK);
    return elements;
  }

  private static Bytes bytes(Object reply) {
    return Bytes.wrap((byte[]) reply);
  }

  private static String text(Object reply) {
    return reply instanceof String text ? text : new String((byte[]) reply, US_ASCII);
  }
}
