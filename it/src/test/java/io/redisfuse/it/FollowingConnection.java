package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * A connection to a cluster for a client that knows of none: a command goes to the node that has
 * its key, one without a key to all masters if it is about all keys, to all nodes if it is about
 * what they do. What stands between MULTI and EXEC is executed as one if it is of one slot, else
 * one after the other.
 */
final class FollowingConnection extends Connection {

  private static final Set<String> OF_ALL_MASTERS =
      Set.of("FLUSHALL", "FLUSHDB", "DBSIZE", "KEYS", "SAVE", "SCRIPT");

  private static final Set<String> OF_ALL_NODES = Set.of("CONFIG", "ACL");

  private final JedisClientConfig config;
  private final List<HostAndPort> masters;
  private final List<HostAndPort> nodes;
  private final Map<HostAndPort, Connection> connections = new HashMap<>();
  private final Deque<Object> replies = new ArrayDeque<>();

  /** What waits for EXEC; null outside of a transaction. */
  private List<CommandArguments> transaction;

  FollowingConnection(
      List<HostAndPort> masters, List<HostAndPort> nodes, JedisClientConfig config) {
    super(masters.get(0), config);
    this.config = config;
    this.masters = List.copyOf(masters);
    this.nodes = List.copyOf(nodes);
  }

  @Override
  public void sendCommand(ProtocolCommand command) {
    sendCommand(new CommandArguments(command));
  }

  @Override
  public void sendCommand(ProtocolCommand command, byte[]... words) {
    sendCommand(command(command, words));
  }

  @Override
  public void sendCommand(CommandArguments arguments) {
    if (nodes == null) {
      // The constructor of the superclass speaks already.
      super.sendCommand(arguments);
      return;
    }
    replies.add(orNothing(reply(arguments)));
  }

  private static final Object NOTHING = new Object();

  private static Object orNothing(Object reply) {
    return reply == null ? NOTHING : reply;
  }

  private Object reply(CommandArguments arguments) {
    String name = name(arguments);
    if (name.equals("MULTI")) {
      transaction = new ArrayList<>();
      return "OK".getBytes(ISO_8859_1);
    }
    if (name.equals("EXEC")) {
      List<CommandArguments> all = transaction;
      transaction = null;
      return executed(all);
    }
    if (transaction != null) {
      transaction.add(arguments);
      return "QUEUED".getBytes(ISO_8859_1);
    }
    if (name.equals("SCAN")) {
      Object all = replyOfAll(masters, command(Protocol.Command.KEYS, pattern(arguments)));
      return List.of(new byte[] {'0'}, all);
    }
    if (OF_ALL_MASTERS.contains(name)) {
      return replyOfAll(masters, arguments);
    }
    return OF_ALL_NODES.contains(name) ? replyOfAll(nodes, arguments) : replyOfOwner(arguments);
  }

  private static byte[] pattern(CommandArguments scan) {
    boolean follows = false;
    for (Rawable word : scan) {
      if (follows) {
        return word.getRaw();
      }
      follows = new String(word.getRaw(), ISO_8859_1).equalsIgnoreCase("MATCH");
    }
    return new byte[] {'*'};
  }

  private Object executed(List<CommandArguments> all) {
    for (HostAndPort node : masters) {
      Connection connection = connection(node);
      connection.sendCommand(Protocol.Command.MULTI);
      all.forEach(connection::sendCommand);
      connection.sendCommand(Protocol.Command.EXEC);
      List<Object> said = connection.getMany(all.size() + 2);
      if (!(said.get(said.size() - 1) instanceof JedisDataException)) {
        return said.get(said.size() - 1);
      }
    }
    return all.stream().map(this::replyOfOwner).toList();
  }

  private Object replyOfAll(List<HostAndPort> whom, CommandArguments arguments) {
    Object sum = null;
    for (HostAndPort node : whom) {
      Object reply = replyOf(node, arguments);
      if (sum instanceof Long one && reply instanceof Long other) {
        sum = one + other;
      } else if (sum instanceof List<?> one
          && reply instanceof List<?> other
          && name(arguments).equals("KEYS")) {
        List<Object> both = new ArrayList<>(one);
        both.addAll(other);
        sum = both;
      } else {
        sum = reply;
      }
    }
    return sum;
  }

  private Object replyOfOwner(CommandArguments arguments) {
    Object reply = replyOf(masters.get(0), arguments);
    for (int hops = 0; hops < 10 && reply instanceof JedisRedirectionException to; hops++) {
      reply = replyOf(to.getTargetNode(), arguments);
    }
    if (reply instanceof JedisDataException e && e.getMessage().startsWith("CROSSSLOT")) {
      try {
        return replyOfSeveral(arguments, e);
      } catch (JedisDataException refusal) {
        return refusal;
      }
    }
    return reply;
  }

  /** Does one after the other what cannot be done as one. */
  private Object replyOfSeveral(CommandArguments arguments, JedisDataException refusal) {
    List<byte[]> words = new ArrayList<>();
    arguments.forEach(word -> words.add(word.getRaw()));
    return switch (name(arguments)) {
      case "DEL", "UNLINK" -> {
        long gone = 0;
        for (byte[] key : words.subList(1, words.size())) {
          gone += (Long) answer(Protocol.Command.DEL, key);
        }
        yield gone;
      }
      case "MSET" -> {
        Object reply = null;
        for (int i = 1; i < words.size(); i += 2) {
          reply = answer(Protocol.Command.SET, words.get(i), words.get(i + 1));
        }
        yield reply;
      }
      case "COPY" -> copied(words.get(1), words.get(2)) ? 1L : 0L;
      case "RENAME" -> {
        if (!copied(words.get(1), words.get(2))) {
          yield new JedisDataException("ERR no such key");
        }
        answer(Protocol.Command.DEL, words.get(1));
        yield "OK".getBytes(ISO_8859_1);
      }
      default -> refusal;
    };
  }

  /** Copies a key over slots, with its TTL; returns whether there was one. */
  private boolean copied(byte[] source, byte[] target) {
    if (!(answer(Protocol.Command.DUMP, source) instanceof byte[] payload)) {
      return false;
    }
    long ttl = Math.max(0, (Long) answer(Protocol.Command.PTTL, source));
    byte[] millis = Long.toString(ttl).getBytes(ISO_8859_1);
    byte[] replace = "REPLACE".getBytes(ISO_8859_1);
    answer(Protocol.Command.RESTORE, target, millis, payload, replace);
    return true;
  }

  private Object answer(ProtocolCommand name, byte[]... words) {
    Object reply = replyOfOwner(command(name, words));
    if (reply instanceof JedisDataException refusal) {
      throw refusal;
    }
    return reply;
  }

  private static CommandArguments command(ProtocolCommand name, byte[]... words) {
    CommandArguments arguments = new CommandArguments(name);
    for (byte[] word : words) {
      arguments.add(word);
    }
    return arguments;
  }

  private Object replyOf(HostAndPort node, CommandArguments arguments) {
    Connection connection = connection(node);
    connection.sendCommand(arguments);
    try {
      return connection.getOne();
    } catch (JedisDataException e) {
      return e;
    }
  }

  private Connection connection(HostAndPort node) {
    return connections.computeIfAbsent(node, at -> new Connection(at, config));
  }

  private static String name(CommandArguments arguments) {
    Rawable first = arguments.iterator().next();
    return new String(first.getRaw(), ISO_8859_1).toUpperCase(Locale.ROOT);
  }

  @Override
  protected void flush() {
    if (nodes == null) {
      super.flush();
    }
  }

  @Override
  protected Object readProtocolWithCheckingBroken() {
    if (nodes == null) {
      return super.readProtocolWithCheckingBroken();
    }
    Object reply = replies.remove();
    if (reply instanceof JedisDataException error) {
      throw error;
    }
    return reply == NOTHING ? null : reply;
  }

  @Override
  public void close() {
    super.close();
    connections.values().forEach(Connection::close);
  }
}
