package io.redisfuse.backend.redis;

import static io.redisfuse.backend.redis.Commands.command;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.resilience4j.core.IntervalFunction;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.PushConsumerChainImpl;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * Hears of changes: {@code CLIENT TRACKING ON BCAST}, on a connection of its own, needs no
 * configuration of the server and reports each change, expiry and eviction of each key.
 *
 * <p>The messages name no database: what happens to a key of that name in another one is reported
 * too. SWAPDB is not reported at all.
 *
 * <p>One thread reads, calls the listener and, when the connection is lost, makes a new one. The
 * clock sends a PING from time to time, so that a connection that died silently is noticed. The
 * listener hears a reset when the connection is lost, since what it hears from then on is nothing,
 * and again when there is a new one.
 */
final class ChangeFeed implements Subscription {

  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);

  private static final byte[] INVALIDATE = "invalidate".getBytes(US_ASCII);
  private static final Duration MAX_HEARTBEAT = Duration.ofSeconds(2);
  private static final int MISSED_HEARTBEATS = 3;
  private static final IntervalFunction PAUSES =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(50), 1.5, 0.5, Duration.ofSeconds(2));

  private final Connections connections;
  private final Calls calls;
  private final ScheduledExecutorService clock;
  private final Bytes prefix;
  private final ChangeListener listener;
  private final Consumer<ChangeFeed> onClose;
  private final Duration heartbeat;
  private final Thread reader;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** Held while the listener is called, and to decide that it will not be called any more. */
  private final ReentrantLock calling = new ReentrantLock();

  /** Guarded by {@link #calling}. */
  private boolean closed;

  /** The present connection. Written by the reader; closed by whoever ends the feed. */
  private volatile FeedWire wire;

  private ChangeFeed(
      Connections connections,
      Calls calls,
      ScheduledExecutorService clock,
      Bytes prefix,
      ChangeListener listener,
      Consumer<ChangeFeed> onClose) {
    this.connections = connections;
    this.calls = calls;
    this.clock = clock;
    this.prefix = prefix;
    this.listener = listener;
    this.onClose = onClose;
    Duration share = calls.timeLimit().dividedBy(MISSED_HEARTBEATS + 1);
    this.heartbeat = share.compareTo(MAX_HEARTBEAT) < 0 ? share : MAX_HEARTBEAT;
    this.reader = new Thread(this::run, "redisfuse-feed");
    this.reader.setDaemon(true);
  }

  /**
   * Starts a feed; when this returns, the server tracks.
   *
   * @param onClose told when the feed was closed
   */
  static ChangeFeed start(
      Connections connections,
      Calls calls,
      ScheduledExecutorService clock,
      Bytes prefix,
      ChangeListener listener,
      Consumer<ChangeFeed> onClose) {
    ChangeFeed feed = new ChangeFeed(connections, calls, clock, prefix, listener, onClose);
    Deadline deadline = calls.deadline();
    feed.wire =
        calls.repeat(() -> calls.attempt(deadline, "watch keys", () -> feed.open(deadline)));
    feed.reader.start();
    return feed;
  }

  @Override
  public void close() {
    calling.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      calling.unlock();
    }
    closing.countDown();
    wire.cut();
    onClose.accept(this);
  }

  private FeedWire open(Deadline deadline) {
    FeedWire fresh = connections.connect(FeedWire::new, deadline, RedisProtocol.RESP3);
    try {
      CommandArguments tracking = command(Command.CLIENT, "TRACKING", "ON", "BCAST");
      if (!prefix.isEmpty()) {
        Commands.append(tracking, "PREFIX");
        Commands.append(tracking, prefix);
      }
      fresh.executeCommand(tracking);
      fresh.setSoTimeout((int) heartbeat.multipliedBy(MISSED_HEARTBEATS).toMillis());
      return fresh;
    } catch (RuntimeException e) {
      fresh.cut();
      throw e;
    }
  }

  private void run() {
    do {
      listenUntilLost();
      tell(ChangeListener::reset);
    } while (reconnect());
  }

  private void listenUntilLost() {
    FeedWire present = wire;
    Optional<ScheduledFuture<?>> beats = Optional.empty();
    try {
      beats = Optional.of(keepBeating(present));
      while (true) {
        hear(present.getUnflushedObject());
      }
    } catch (RejectedExecutionException e) {
      log.debug("the backend is being closed", e);
    } catch (JedisException e) {
      if (closing.getCount() > 0) {
        log.info(
            "The change feed of Redis at {} was lost ({}); connecting again.",
            connections.address(),
            Reasons.of(e));
      }
    } finally {
      beats.ifPresent(beating -> beating.cancel(false));
      present.cut();
    }
  }

  private ScheduledFuture<?> keepBeating(FeedWire present) {
    return clock.scheduleWithFixedDelay(
        present::beat, heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns whether there is a new connection; not so when the feed was closed. */
  private boolean reconnect() {
    for (int attempt = 1; !isClosing(Duration.ofMillis(PAUSES.apply(attempt))); ) {
      try {
        wire = open(calls.deadline());
        if (closing.getCount() == 0) {
          wire.cut();
          return false;
        }
        tell(ChangeListener::reset);
        log.info("The change feed of Redis at {} is back.", connections.address());
        return true;
      } catch (JedisException | BackendException e) {
        log.debug("connecting the change feed", e);
        attempt = Math.min(attempt + 1, 20);
      }
    }
    return false;
  }

  private boolean isClosing(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but who wants it to end.
      return true;
    }
  }

  private void hear(Object message) {
    if (!(message instanceof List<?> push) || push.size() < 2 || !isInvalidation(push.get(0))) {
      // The reply to a PING, or a push of another kind.
      return;
    }
    if (push.get(1) instanceof List<?> keys) {
      for (Object key : keys) {
        Bytes changed = Bytes.wrap((byte[]) key);
        tell(to -> to.changed(changed));
      }
    } else {
      // FLUSHALL and FLUSHDB name no keys.
      tell(ChangeListener::reset);
    }
  }

  private static boolean isInvalidation(Object kind) {
    return kind instanceof byte[] word && Arrays.equals(word, INVALIDATE);
  }

  private void tell(Consumer<ChangeListener> what) {
    calling.lock();
    try {
      if (!closed) {
        what.accept(listener);
      }
    } catch (RuntimeException e) {
      log.error("A listener to changes failed.", e);
    } finally {
      calling.unlock();
    }
  }

  /**
   * A connection that pushes. Read by one thread; {@link #beat} and {@link #cut} may be called by
   * others.
   */
  private static final class FeedWire extends Connection {
    private static final PushConsumerChain TO_READER =
        PushConsumerChainImpl.of(
            push -> {
              push.propagate();
              return push;
            });

    private FeedWire(HostAndPort server, JedisClientConfig config) {
      super(server, config);
    }

    /** Has pushes returned among the replies. */
    @Override
    protected Object protocolRead(RedisInputStream in, PushConsumerChain consumer) {
      return Protocol.read(in, TO_READER);
    }

    /** Has the server say something, if it is there; its reply comes to the reader. */
    private void beat() {
      try {
        sendCommand(Command.PING);
        flush();
      } catch (JedisException e) {
        // The reader will find out.
        log.debug("sending a heartbeat", e);
      }
    }

    private void cut() {
      try {
        forceDisconnect();
      } catch (IOException e) {
        log.debug("closing the change feed", e);
      }
    }
  }
}
