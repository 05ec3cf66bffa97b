package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ContentSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * One connection, with the deadline of its present use.
 *
 * <p>Used by one thread at a time. {@link #cutIfLate} may be called by any thread: a timeout of the
 * socket bounds only reads, and each of them afresh, so that somebody else must end a write that
 * hangs or a reply that trickles.
 */
final class Wire extends Connection {

  private static final Logger log = LoggerFactory.getLogger(Wire.class);
  private static final int PART_BYTES = 64 * 1024;

  // No initial values: the constructor of the superclass already speaks to the server.
  private ContentSink streaming;
  private boolean watching;
  private long idleSince;
  private int era;
  private UnsyncedCommits unsynced;
  private Runnable onCommit;
  private boolean sent;
  private Deadline deadline;

  /** What was asked for, while {@link #deadline} is earlier. */
  private Deadline whole;

  /** Whether it was used before, and has not answered since: it may have died silently. */
  private boolean doubtful;

  Wire(HostAndPort server, JedisClientConfig config) {
    super(server, config);
  }

  /**
   * Starts a use, which {@link #cutIfLate} ends when the deadline has passed. Until it answers, one
   * that was used before gets half of the time only: if it has died silently, there must be time to
   * try again with another.
   */
  void begin(Deadline until) {
    Deadline bound = doubtful ? until.half() : until;
    whole = until;
    synchronized (this) {
      deadline = bound;
    }
    setSoTimeout(bound.millisLeft());
  }

  private void answers() {
    if (doubtful) {
      doubtful = false;
      begin(whole);
    }
  }

  /** How often the server had been replaced by another when it was made. */
  int era() {
    return era;
  }

  /** What it commits to is what others may wait for. */
  void begins(int inEra, UnsyncedCommits waitedFor) {
    era = inEra;
    unsynced = waitedFor;
  }

  /** Something was committed with it. */
  void committed() {
    unsynced.add(era);
    if (onCommit != null) {
      onCommit.run();
    }
  }

  /** What is to be done when something is committed in this use. */
  void onCommit(Runnable what) {
    onCommit = what;
  }

  /**
   * In this use each command is preceded by the word that another node has sent us here: it would
   * be refused otherwise, while its slot is on the way.
   */
  void saysItWasSent() {
    sent = true;
  }

  /** Ends a use. Returns whether the connection may serve another one. */
  boolean end() {
    synchronized (this) {
      deadline = null;
    }
    idleSince = System.nanoTime();
    sent = false;
    onCommit = null;
    doubtful = true;
    return !isBroken() && !watching;
  }

  /** Whether its last use ended so long ago. */
  boolean wasIdleFor(Duration time) {
    return System.nanoTime() - idleSince > time.toNanos();
  }

  /** Cuts the connection if its present use has lasted too long; the user gets an exception. */
  synchronized void cutIfLate() {
    if (deadline != null && deadline.hasPassed()) {
      cut();
    }
  }

  /** Cuts the connection without a word to the server. */
  void cut() {
    try {
      forceDisconnect();
    } catch (IOException e) {
      log.debug("closing a connection", e);
    }
  }

  /**
   * Sends a command and returns its reply.
   *
   * @throws JedisDataException if that is an error
   */
  Object ask(CommandArguments question) {
    return Fact.requireAnswer(ask(List.of(question)).get(0));
  }

  /** Sends commands in one go and returns their replies; errors are replies too. */
  List<Object> ask(List<CommandArguments> questions) {
    if (questions.isEmpty()) {
      return List.of();
    }
    if (sent) {
      return askAsSent(questions);
    }
    questions.forEach(this::sendCommand);
    return getMany(questions.size());
  }

  private List<Object> askAsSent(List<CommandArguments> questions) {
    for (CommandArguments question : questions) {
      sendCommand(command(Command.ASKING));
      sendCommand(question);
    }
    List<Object> all = getMany(2 * questions.size());
    List<Object> replies = new ArrayList<>(questions.size());
    for (int i = 1; i < all.size(); i += 2) {
      replies.add(all.get(i));
    }
    return replies;
  }

  /**
   * Sends commands in one go to be answered of one moment.
   *
   * @throws JedisDataException if the server refused to
   */
  List<Object> askAtOnce(List<CommandArguments> questions) {
    List<CommandArguments> all = wrapped(questions);
    all.forEach(this::sendCommand);
    return result(getMany(all.size())).orElseThrow();
  }

  /**
   * Asks the server to make the next EXEC of this connection fail if one of the keys changes from
   * now on. The command goes out with the next one.
   */
  CommandArguments watch(Collection<Bytes> keys) {
    watching = true;
    return command(Command.WATCH, keys.toArray());
  }

  /** Whether no watched key has changed. Ends the watch. */
  boolean isUnchanged() {
    return transact(List.of(), () -> {}).isPresent();
  }

  /**
   * Executes commands as one, unless a watched key has changed: then none, and the result is empty.
   * Ends the watch.
   *
   * @param pointOfNoReturn runs just before the server may have learned all
   * @throws JedisDataException if the server refused one or all, so that none was executed
   */
  Optional<List<Object>> transact(List<CommandArguments> commands, Runnable pointOfNoReturn) {
    List<CommandArguments> all = wrapped(commands);
    CommandArguments exec = all.remove(all.size() - 1);
    all.forEach(this::sendCommand);
    pointOfNoReturn.run();
    sendCommand(exec);
    Optional<List<Object>> replies = result(getMany(all.size() + 1));
    // After an error it is not certain, so the connection will not be used again.
    watching = false;
    return replies;
  }

  private List<CommandArguments> wrapped(List<CommandArguments> commands) {
    List<CommandArguments> all = new ArrayList<>(commands.size() + 3);
    if (sent) {
      // It holds until EXEC; within it would be one of the commands.
      all.add(command(Command.ASKING));
    }
    all.add(command(Command.MULTI));
    all.addAll(commands);
    all.add(command(Command.EXEC));
    return all;
  }

  @SuppressWarnings("unchecked")
  private Optional<List<Object>> result(List<Object> replies) {
    Object last = replies.get(replies.size() - 1);
    if (last instanceof JedisDataException refused) {
      // EXEC only says that something was refused; the first refusal says why.
      for (Object reply : replies) {
        if (reply instanceof JedisDataException first) {
          throw first;
        }
      }
      throw refused;
    }
    return Optional.ofNullable((List<Object>) last);
  }

  /**
   * Sends a command whose reply is one string, which may be too large for the heap, and hands it on
   * part by part.
   *
   * @return whether there was a string
   * @throws IOException what the sink threw; the connection is then of no more use
   */
  boolean stream(CommandArguments question, ContentSink sink) throws IOException {
    if (sent) {
      executeCommand(command(Command.ASKING));
    }
    sendCommand(question);
    streaming = sink;
    try {
      return getOne() != null;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      streaming = null;
    }
  }

  @Override
  protected Object protocolRead(RedisInputStream in, PushConsumerChain consumer) {
    if (streaming == null || !in.peek((byte) '$')) {
      Object reply = super.protocolRead(in, consumer);
      answers();
      return reply;
    }
    answers();
    in.readByte();
    int size = in.readIntCrLf();
    if (size < 0) {
      return null;
    }
    try {
      streamTo(streaming, in, size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    in.readByte();
    in.readByte();
    return size;
  }

  private void streamTo(ContentSink sink, RedisInputStream in, int size) throws IOException {
    sink.start(size);
    byte[] part = new byte[Math.min(size, PART_BYTES)];
    for (int left = size; left > 0; ) {
      int got = in.read(part, 0, Math.min(left, part.length));
      if (got < 0) {
        throw new JedisConnectionException("the connection ended within a value");
      }
      sink.accept(ByteBuffer.wrap(part, 0, got));
      left -= got;
    }
  }
}
