package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * A connection on which the server says what changes.
 *
 * <p>Read by one thread; {@link #beat} and {@link #cut} may be called by others. The keys of a
 * message are handed on in parts, as they arrive: all changes of a transaction or a script come in
 * one message, which may be larger than the heap.
 */
final class FeedWire extends Connection {

  private static final Logger log = LoggerFactory.getLogger(FeedWire.class);

  private static final byte[] INVALIDATE = "invalidate".getBytes(US_ASCII);
  private static final Object PUSH = new Object();
  private static final int PART_KEYS = 1_000;
  private static final int PART_BYTES = 1024 * 1024;

  /** Hears what the server says. */
  interface Ear {
    /** These keys may have changed. The list is valid only during the call. */
    void changed(List<Bytes> keys);

    /** Anything may have changed. */
    void everythingChanged();

    /** The server answered a beat. */
    void answered(Object reply);
  }

  // No initial values: the constructor of the superclass already speaks to the server.
  private Ear ear;

  /** Whether a beat asks how often SWAPDB was run. Written by the reader. */
  private volatile boolean asksForSwaps;

  /** Held while something is sent, once there is a reader. */
  private final Object sending = new Object();

  /** Guarded by {@link #sending}. */
  private long beats;

  /** Written by the reader. */
  private final AtomicLong answers = new AtomicLong();

  FeedWire(HostAndPort server, JedisClientConfig config) {
    super(server, config);
  }

  /**
   * Has the server say what changes from now on, to keys that start with {@code prefix}.
   *
   * @return the answer to the first question for SWAPDB, which is of a moment before that; empty if
   *     the server does not answer that question
   * @throws JedisDataException if the server does not track
   */
  Optional<byte[]> track(Bytes prefix) {
    CommandArguments tracking = command(Command.CLIENT, "TRACKING", "ON", "BCAST");
    if (!prefix.isEmpty()) {
      Commands.append(tracking, "PREFIX");
      Commands.append(tracking, prefix);
    }
    sendCommand(Swaps.question());
    sendCommand(tracking);
    List<Object> replies = getMany(2);
    if (replies.get(1) instanceof JedisDataException refusal) {
      throw refusal;
    }
    if (replies.get(0) instanceof JedisDataException refusal) {
      if (ErrorReplies.isPassing(refusal)) {
        throw refusal;
      }
      return Optional.empty();
    }
    asksForSwaps = true;
    return Optional.of((byte[]) replies.get(0));
  }

  /**
   * Waits for the server to say something, and hands it on.
   *
   * @throws JedisDataException if it is an error
   * @throws JedisConnectionException if the connection is lost, or nothing came in time
   */
  void hear(Ear listening) {
    ear = listening;
    Object said;
    try {
      said = getUnflushedObject();
    } catch (JedisDataException e) {
      answers.incrementAndGet();
      throw e;
    }
    if (said != PUSH) {
      answers.incrementAndGet();
      listening.answered(said);
    }
  }

  /** How many beats the server has answered, be it with an error. */
  long answers() {
    return answers.get();
  }

  @Override
  protected Object protocolRead(RedisInputStream in, PushConsumerChain consumer) {
    if (ear == null || !in.peek((byte) '>')) {
      return super.protocolRead(in, consumer);
    }
    in.readByte();
    int parts = in.readIntCrLf();
    Object kind = super.protocolRead(in, consumer);
    if (parts == 2 && kind instanceof byte[] word && Arrays.equals(word, INVALIDATE)) {
      readKeys(in, consumer);
    } else {
      for (int i = 1; i < parts; i++) {
        super.protocolRead(in, consumer);
      }
    }
    return PUSH;
  }

  private void readKeys(RedisInputStream in, PushConsumerChain consumer) {
    if (!in.peek((byte) '*')) {
      // FLUSHALL and FLUSHDB name no keys.
      super.protocolRead(in, consumer);
      ear.everythingChanged();
      return;
    }
    in.readByte();
    int left = in.readIntCrLf();
    List<Bytes> part = new ArrayList<>(Math.min(left, PART_KEYS));
    for (long bytes = 0; left > 0; left--) {
      Bytes key = Bytes.wrap((byte[]) super.protocolRead(in, consumer));
      part.add(key);
      bytes += key.length();
      if (part.size() == PART_KEYS || bytes >= PART_BYTES) {
        ear.changed(part);
        part.clear();
        bytes = 0;
      }
    }
    ear.changed(part);
  }

  /** Whether its beats ask for SWAPDB. */
  boolean asksForSwaps() {
    return asksForSwaps;
  }

  /** From now on, beats only ask whether the server is there. */
  void askNoMoreForSwaps() {
    asksForSwaps = false;
  }

  /**
   * Has the server say something, if it is there; its reply comes to the reader, after all changes
   * that were made before.
   *
   * @return how many answers there will be with that one
   */
  long beat() {
    synchronized (sending) {
      beats++;
      try {
        sendCommand(asksForSwaps ? Swaps.question() : command(Command.PING));
        flush();
      } catch (JedisException e) {
        // The reader will find out.
        log.debug("sending a heartbeat", e);
      }
      return beats;
    }
  }

  /** Ends the connection without a word to the server. */
  void cut() {
    try {
      forceDisconnect();
    } catch (IOException e) {
      log.debug("closing the change feed", e);
    }
  }
}
